import { createIdentity } from '../../shared/azure/identity.ts';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { prepareApp } from '../../bench/audit-app.ts';
import { askAgainAndAgain } from '../../bench/hand-outs.ts';
import { startBroker } from '../../local/stack/broker.ts';
import { createCleanup, type Cleanup } from '../../local/stack/cleanup.ts';
import { createStack, type Stack } from '../../local/stack/stack.ts';
import { createAuditRecords } from '../../shared/azure/audit-records.ts';
import { systemClock as clock } from '../../shared/clock.ts';
import { setEnvironment } from '../local/stand-ins/environment.ts';

const callers = 3;
let cleanup: Cleanup;
let restore = (): void => {};
beforeEach(() => {
  cleanup = createCleanup();
});
afterEach(async () => {
  restore();
  await cleanup.close();
});

async function openStack(): Promise<Stack> {
  const stack = await createStack({ ports: { control: 0, gateways: [0, 0] } });
  cleanup.add(() => stack.close());
  const authorities = tls.getCACertificates('default');
  const { NODE_EXTRA_CA_CERTS = '', IDENTITY_ENDPOINT = '', IDENTITY_HEADER = '' } = stack.settings;
  tls.setDefaultCACertificates([...authorities, readFileSync(NODE_EXTRA_CA_CERTS, 'utf8')]);
  const restoreEnvironment = setEnvironment({ IDENTITY_ENDPOINT, IDENTITY_HEADER });
  restore = () => {
    restoreEnvironment();
    tls.setDefaultCACertificates(authorities);
  };
  return stack;
}

/** The request ids of everything on record. */
async function idsOnRecord(stack: Stack): Promise<Set<unknown>> {
  const credential = createIdentity(clock, {
    clientId: undefined,
    upstreamTimeoutMs: () => 20_000,
    onFailure: () => {},
  });
  const store = createAuditRecords({ clock, credential }, { url: stack.ready().storage ?? '' });
  const { signal } = new AbortController();
  const [sinceMs, untilMs] = [clock.wall() - 86_400_000, clock.wall()];
  const names = Array.from({ length: callers }, (_, index) => `caller-${index}`);
  const reads = names.map((trail) => store.read({ trail, sinceMs, untilMs, limit: 1_000_000 }, signal));
  return new Set((await Promise.all(reads)).flat().map(({ requestId }) => requestId));
}

describe('An audit record is accepted before a credential leaves (guarantee 4), also where the broker is killed', () => {
  test('not one hand-out that was answered lacks its record, through three SIGKILLs under load', async () => {
    const stack = await openStack();
    const { root, settings, tokens } = await prepareApp(stack, 'table', callers);
    const broker = await startBroker({ root, port: 0, settings, onEnd: () => {}, onLine: () => {} }, cleanup);
    const given = new Set<string>();
    let unanswered = 0;

    /** Kills the broker in the middle of its answers, as soon as so many were given. */
    const killAfter = async (answers: number) => {
      const [stopping, until] = [new AbortController(), given.size + answers];
      const onHead = ({ status, requestId }: { status: number; requestId: string }) => {
        if (status === 200) given.add(requestId);
        if (given.size < until || stopping.signal.aborted) return;
        void broker.kill();
        stopping.abort();
      };
      const url = `${broker.url}/v1/headers/core`;
      const onEnd = ({ status }: { status: number }) => (unanswered += status === 0 ? 1 : 0);
      await askAgainAndAgain({ clock, url, tokens, connections: 64, signal: stopping.signal, onHead, onEnd });
      await broker.kill();
    };

    for (const answers of [100, 250, 150]) {
      await killAfter(answers);
      await broker.restart();
    }
    await broker.stop();

    // It was killed while it had others to answer.
    expect(unanswered).toBeGreaterThan(64);
    expect(given.size).toBeGreaterThanOrEqual(500);
    const onRecord = await idsOnRecord(stack);
    expect([...given].filter((id) => !onRecord.has(id))).toEqual([]);
  }, 120_000);
});
