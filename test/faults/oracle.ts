import { findCanaries } from '../../scripts/canaries.ts';
import { problemKinds } from '../../shared/http/problems.ts';
import type { Answer, FaultScene } from './scene.ts';

/** What holds for each answer and each row, whatever the fault. */
export type Oracle = {
  /** Looks at an answer. @returns in short what the caller saw: `served`, or `503 upstream-unavailable`. */
  look(answer: Answer): Promise<string>;
  /** Looks at the worker and at what it has printed, once the fault has ended. @returns all that was wrong, one line each. */
  conclude(): Promise<readonly string[]>;
};

type Problem = { code?: string; status?: number; reason?: string };
type HeaderSet = { baseUrl: string; headers: Record<string, string>; expiresOn: string };

const standing = { 'cache-control': 'no-store', pragma: 'no-cache', 'x-content-type-options': 'nosniff' };

/** @param isKept whether a request's audit record is where it is to be. Default: on the log. */
export function createOracle(at: FaultScene, isKept = isOnLog): Oracle {
  const { on } = at;
  const wrong: string[] = [];
  const handedOut = new Map<string, HeaderSet>();
  const expect = (isSo: boolean, what: string) => void (isSo || wrong.push(what));
  const alarms = on.clock.pending();

  const lookAtSet = async ({ text, headers }: Answer) => {
    const set: HeaderSet = JSON.parse(text);
    expect(await isKept(at, headers.get('x-request-id') ?? ''), 'handed out without an audit record');
    const name = JSON.stringify(set.headers);
    if (!handedOut.has(name)) await present(set);
    handedOut.set(name, set);
  };

  /** Calls the API at each gateway with a header set. */
  const present = async ({ baseUrl, headers }: HeaderSet) => {
    for (const gateway of on.stack.ready().gateways) {
      const { status } = await fetch(new URL(`${new URL(baseUrl).pathname}/ping`, gateway), { headers });
      expect(status === 200, `a gateway answers ${status} to a header set`);
    }
  };

  const lookAtProblem = ({ status, text, headers }: Answer): string => {
    const { code = '' }: Problem = JSON.parse(text);
    const kind = Object.entries(problemKinds).find(([name]) => name === code)?.[1];
    expect(kind?.status === status, `${status} with the code ${code}`);
    expect(status !== 500, 'a defect of the broker');
    expect(status !== 503 || /^[1-9]\d*$/.test(headers.get('retry-after') ?? ''), '503 without Retry-After');
    expect(findCanaries(text).length === 0, 'a secret in a refusal');
    return `${status} ${code}`;
  };

  return {
    look: async (answer) => {
      for (const [name, value] of Object.entries(standing))
        expect(answer.headers.get(name) === value, `${name}: ${answer.headers.get(name)}`);
      if (answer.status !== 200) return lookAtProblem(answer);
      await lookAtSet(answer);
      return 'served';
    },
    conclude: async () => {
      // What was promised holds to its last second, and was not broken by what came after.
      for (const set of handedOut.values()) if (Date.parse(set.expiresOn) > on.clock.wall()) await present(set);
      expect((await on.ask('healthz', 'healthz')).status === 200, 'the worker does not answer');
      for (const what of at.takeUncaught()) wrong.push(`nobody caught a ${what}`);
      const printed = on.lines.map((line) => JSON.stringify(line)).join('\n');
      for (const where of findCanaries(printed)) wrong.push(`a secret was printed, ${where}`);
      expect(on.clock.pending() <= alarms, `${on.clock.pending() - alarms} alarms are left`);
      return [...new Set(wrong)];
    },
  };
}

async function isOnLog({ on }: FaultScene, requestId: string): Promise<boolean> {
  return on.lines.some(
    (line) => line.event === 'audit' && line['requestId'] === requestId && line['outcome'] === 'allowed',
  );
}
