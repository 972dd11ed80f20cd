import { systemClock, type Clock } from '../../shared/clock.ts';
import { neverAborted } from '../../shared/deadline.ts';
import { claimsAt, createSigner } from '../../test/support/caller-tokens.ts';
import type { Row } from '../contest.ts';
import { quantile } from '../statistics.ts';
import { createCaches } from '../subjects/caches.ts';
import { createExchange, createRoute } from '../subjects/route.ts';

const slowMs = 3_000;
/** Past half of a token's life, and past the age at which a key is read again. */
const halfALifeMs = 31 * 60_000;

export const row: Row = {
  title: 'Latency during a refresh',
  how: 'Warm hand-outs one after the other, without their host, for three seconds: while nothing is due, and while the token and the key are refreshed from an Entra and a Key Vault that take three seconds to answer.',
  rounds: 5,
  prepare: async () => {
    let passedMs = 0;
    const clock: Clock = {
      ...systemClock,
      wall: () => systemClock.wall() + passedMs,
      monotonic: () => systemClock.monotonic() + passedMs,
    };
    const caches = createCaches({ scopes: 1, clock });
    const signer = createSigner('kid-1');
    const route = createRoute(clock, signer, caches);
    const inThirtyDays = Math.floor(clock.wall() / 1_000) + 30 * 86_400;
    const exchange = createExchange(clock, await signer.mint(claimsAt(clock.wall(), { exp: inThirtyDays })));
    const measure = () => measureLatency(() => route(exchange, neverAborted));

    const measureRefresh = async () => {
      const [before, gate] = [caches.entra.state.requests.length, wait(slowMs)];
      caches.entra.state.gate = gate;
      caches.vault.state.gate = gate;
      passedMs += halfALifeMs;
      const figures = await measure();
      if (caches.entra.state.requests.length !== before + 1) throw new Error('Nothing was refreshed.');
      // So that the other contestant finds it done.
      await gate;
      await wait(50);
      return figures;
    };

    const against = { of: 'with a refresh', over: 'without' };
    return {
      units: { 'p99.9': 'µs', median: 'µs' },
      contestants: { without: measure, 'with a refresh': measureRefresh },
      comparisons: [
        { title: 'p99.9, of that without', measure: 'p99.9', ...against, bar: { atMost: 1.2 } },
        { title: 'median, of that without', measure: 'median', ...against },
      ],
    };
  },
};

/** Lets the event loop turn after each, as between two requests. */
async function measureLatency(run: () => Promise<unknown>) {
  const latencies: number[] = [];
  const until = performance.now() + slowMs - 100;
  while (performance.now() < until) {
    const startedAt = performance.now();
    await run();
    latencies.push((performance.now() - startedAt) * 1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { 'p99.9': quantile(latencies, 0.999), median: quantile(latencies, 0.5) };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
