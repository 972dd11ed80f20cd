import { describe, expect, test } from '@jest/globals';
import { describeOutcome, keptByProcess, problemsOf, type Outcome } from '../../../scripts/soak/report.ts';
import { readWeight, type Weight } from '../../../scripts/soak/weight.ts';

/** A weight every 20 seconds; `heapAt` is given the part of the hour that is over. */
function weigh(heapAt: (part: number) => number, minutes = 60, codeAt: typeof heapAt = () => 0): Weight[] {
  return Array.from({ length: minutes * 3 }, (_, index) => ({
    atMs: index * 20_000,
    heap: heapAt(index / 180) + codeAt(index / 180) + (index % 2) * 100_000,
    code: codeAt(index / 180),
    external: 11_000_000,
    handles: { TCPSocketWrap: 20 + (index % 3), PipeWrap: 2 },
    lagMs: 10,
  }));
}

function outcomeOf(changes: Partial<Outcome>, weights = weigh(() => 25_000_000)): Outcome {
  const counts = {
    requests: 54_000,
    handOuts: 30_000,
    handOutsOnRecord: 30_000,
    uses: 50_000,
    usesLate: 3,
    usesSpoilt: 9,
  };
  const gaps = { longestWithoutRotationS: 90, longestWithoutFaultS: 8 };
  const lists = { rotations: { core: 40 }, refusals: {}, reasons: {}, events: {}, violations: {} };
  const others = { slowestMs: 3_000, unanswered: 4, untimed: 0, kills: 30, faults: 600, faultKinds: 47 };
  return { seed: 8, minutes: 60, ...counts, ...gaps, ...lists, ...others, ...keptByProcess(weights), ...changes };
}

describe('A soak shows what it is to show', () => {
  test('where nothing is violated and nothing grows', () => {
    expect(problemsOf(outcomeOf({}))).toEqual([]);
    expect(describeOutcome(outcomeOf({}))).toContain('MB an hour: within noise');
  });

  test.each<[string, Partial<Outcome>, RegExp]>([
    ['a guarantee is broken', { violations: { 7: 1 } }, /Violations: 1/],
    ['nothing is handed out', { handOuts: 0 }, /Nothing/],
    ['no key was regenerated for more than three minutes', { longestWithoutRotationS: 180.1 }, /No key/],
    ['there was no fault for more than ten seconds', { longestWithoutFaultS: 10.1 }, /no fault/],
    ['it could not say how long answers take', { untimed: 2_701 }, /late too often/],
  ])('but not where %s', (_why, changes, problem) => {
    expect(problemsOf(outcomeOf(changes))).toEqual([expect.stringMatching(problem)]);
  });

  test('but not where the heap grows; what was before it was warm is left out', () => {
    const leaking = outcomeOf(
      {},
      weigh((part) => 25_000_000 + 2_000_000 * part),
    );
    expect(problemsOf(leaking)).toEqual(['The heap grows.']);
    expect(describeOutcome(leaking)).toContain('IT GROWS');
    const warming = outcomeOf(
      {},
      weigh((part) => 25_000_000 - Math.max(0, 1 / 2 - part) * 50_000_000),
    );
    expect(problemsOf(warming)).toEqual([]);
  });

  test('and where it is compiled code that grows', () => {
    const compiling = weigh(
      () => 20_000_000,
      60,
      (part) => 5_000_000 + 2_000_000 * part,
    );
    expect(problemsOf(outcomeOf({}, compiling))).toEqual([]);
  });

  test('and says of a heap whether it was too short to tell', () => {
    const short = outcomeOf(
      { minutes: 5 },
      weigh((part) => 25_000_000 + 60_000_000 * part, 5),
    );
    expect(problemsOf(short)).toEqual([]);
    expect(describeOutcome(short)).toContain('too short to tell');
  });
});

test('A weight is read from the line that the process prints', () => {
  const line = 'soak-weight {"heap":1,"code":1,"external":2,"handles":{"TCPSocketWrap":3},"lagMs":4}';
  expect(readWeight(line, 5)).toEqual({
    atMs: 5,
    heap: 1,
    code: 1,
    external: 2,
    handles: { TCPSocketWrap: 3 },
    lagMs: 4,
  });
  expect(readWeight('{"event":"audit"}', 5)).toBeUndefined();
});
