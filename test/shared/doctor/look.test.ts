import { describe, expect, test } from '@jest/globals';
import { createLook } from '../../../shared/doctor/look.ts';
import { BrokerError } from '../../../shared/errors.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const never = <T>() => new Promise<T>(() => {});

function createSubject() {
  const clock = createManualClock();
  const end = new AbortController();
  return { clock, end, look: createLook({ clock, upstreamTimeoutMs: 3_000, signal: end.signal }) };
}

describe('a look', () => {
  test('tells what it saw', async () => {
    const { look } = createSubject();
    expect(await look.at('deadline', async () => 7)).toEqual({ kind: 'seen', value: 7 });
  });

  test('tells why it saw nothing, and of what is not ours that it was unexpected', async () => {
    const { look } = createSubject();
    const error = new BrokerError('vault-forbidden');
    expect(await look.at('deadline', () => Promise.reject(error))).toEqual({ kind: 'failed', error });
    expect(await look.at('deadline', () => Promise.reject(new TypeError('CANARY0')))).toMatchObject({
      kind: 'failed',
      error: { reason: 'unexpected' },
    });
  });

  test('is given up after the time of one request, or of as many as it takes', async () => {
    const { look, clock } = createSubject();
    const [one, three] = [look.at('vault-unavailable', never), look.at('authority-unavailable', never, 3)];
    let ended = 0;
    void three.finally(() => (ended += 1));
    await clock.advance(3_000);
    expect(await one).toMatchObject({ kind: 'failed', error: { reason: 'vault-unavailable' } });
    expect(ended).toBe(0);
    await clock.advance(6_000);
    expect(await three).toMatchObject({ kind: 'failed', error: { reason: 'authority-unavailable' } });
  });

  test('is skipped when the examination has ended, whether it was under way, waiting or not begun', async () => {
    const { look, end } = createSubject();
    const looking = Array.from({ length: 20 }, () => look.at('deadline', never));
    end.abort();
    const late = look.at('deadline', async () => 7);
    const kinds = (await Promise.all([...looking, late])).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['skipped']));
  });

  test('waits for its turn: no more than eight are taken at once', async () => {
    const { look } = createSubject();
    let underWay = 0;
    let most = 0;
    const see = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
    };
    await Promise.all(Array.from({ length: 50 }, () => look.at('deadline', see)));
    expect([most, underWay]).toEqual([8, 0]);
  });
});
