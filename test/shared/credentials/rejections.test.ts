import { describe, expect, jest, test } from '@jest/globals';
import { createRejections } from '../../../shared/credentials/rejections.ts';
import { BrokerError } from '../../../shared/errors.ts';
import { client, createCredentials, scope, subscription } from '../../support/credentials.ts';

const ofKey = 'invalid subscription key';
const ofToken = 'Access token is missing or invalid.';
const second = 1_000;

type Probe = NonNullable<ReturnType<Parameters<typeof createRejections>[0]['probeOf']>>;

function createScene() {
  const made = createCredentials();
  const { clock, headerSets, keys, tokens, signal, withToken, entra, vault } = made;
  const probe = jest.fn<Probe>(async () => ['accepted', 'accepted']);
  const fallBack = jest.fn<Parameters<typeof createRejections>[0]['fallBack']>(async () => false);
  const onRefused = jest.fn();
  const rejections = createRejections({
    clock,
    headerSets,
    keys,
    tokens,
    probeOf: () => probe,
    looks: new WeakMap(),
    onRefused,
    fallBack,
  });
  const requirement = { subscription, token: { client, scope } };
  const report = async (id: string, body: string) =>
    (await rejections.reject({ requirement, id, status: 401, body }, signal)).rejection.action;
  /** What is current, reported. */
  const reportCurrent = async (body: string) => report((await withToken()).id, body);
  const tokenRequests = () => entra.state.requests.length;
  const keyReads = () => vault.state.reads.get('okq8-payments');
  return {
    ...made,
    rejections,
    requirement,
    probe,
    fallBack,
    onRefused,
    report,
    reportCurrent,
    tokenRequests,
    keyReads,
  };
}

describe('however many report a token', () => {
  test('one is acquired, and the current one is handed out until it is there', async () => {
    const { withToken, report, entra, tokenRequests } = createScene();
    const before = await withToken();
    let open = () => {};
    entra.state.gate = new Promise((resolve) => (open = resolve));
    const reports = Array.from({ length: 500 }, () => report(before.id, ofToken));
    const meanwhile = await withToken();
    expect(meanwhile.id).toBe(before.id);
    open();
    expect(new Set(await Promise.all(reports))).toEqual(new Set(['replaced']));
    expect(tokenRequests()).toBe(2);
    expect((await withToken()).id).not.toBe(before.id);
  });

  test('it stays where Entra has none to give', async () => {
    const { withToken, report, entra } = createScene();
    const before = await withToken();
    entra.state.fault = new BrokerError('entra-unavailable');
    await expect(report(before.id, ofToken)).resolves.toBe('source-down');
    expect((await withToken()).id).toBe(before.id);
  });

  test('the next is looked at after 10 s; where each new one is reported, after 20, 40 and 60 s', async () => {
    const { reportCurrent, clock, withToken, tokenRequests } = createScene();
    await withToken();
    const replacedAt: number[] = [];
    for (let at = 0; at < 260; at += 1) {
      if ((await reportCurrent(ofToken)) === 'replaced') replacedAt.push(at);
      await clock.advance(second);
    }
    expect(replacedAt).toEqual([0, 10, 30, 70, 130, 190, 250]);
    expect(tokenRequests()).toBe(1 + replacedAt.length);
  });

  test('and after five minutes without a report in 10 s again', async () => {
    const { reportCurrent, clock, withToken } = createScene();
    await withToken();
    await reportCurrent(ofToken);
    await clock.advance(10 * second);
    await expect(reportCurrent(ofToken)).resolves.toBe('replaced');
    await clock.advance(300 * second);
    await expect(reportCurrent(ofToken)).resolves.toBe('replaced');
    await clock.advance(10 * second);
    await expect(reportCurrent(ofToken)).resolves.toBe('replaced');
  });

  test('one that could not be replaced is tried again after 10 s', async () => {
    const { withToken, report, entra, clock } = createScene();
    const { id } = await withToken();
    entra.state.fault = new BrokerError('entra-unavailable');
    for (let tries = 0; tries < 5; tries += 1) {
      await expect(report(id, ofToken)).resolves.toBe('source-down');
      await clock.advance(10 * second);
    }
    entra.state.fault = undefined;
    await expect(report(id, ofToken)).resolves.toBe('replaced');
  });
});

describe('however many report a key', () => {
  test('it is read and tried once in 10 s, whatever was found before', async () => {
    const { withToken, report, clock, probe, keyReads } = createScene();
    const { id } = await withToken();
    for (let at = 0; at < 30; at += 1) {
      const actions = await Promise.all(Array.from({ length: 100 }, () => report(id, ofKey)));
      expect(new Set(actions)).toEqual(new Set(['unchanged']));
      await clock.advance(second);
    }
    expect(probe).toHaveBeenCalledTimes(3);
    expect(keyReads()).toBe(4);
  });

  test('the other slot is asked for only where a gateway refuses it', async () => {
    const { reportCurrent, probe, fallBack, onRefused, clock } = createScene();
    for (const verdict of ['accepted', 'unknown', 'forbidden'] as const) {
      probe.mockResolvedValueOnce(['accepted', verdict]);
      await expect(reportCurrent(ofKey)).resolves.toBe('unchanged');
      await clock.advance(10 * second);
    }
    expect(fallBack).not.toHaveBeenCalled();
    probe.mockResolvedValueOnce(['accepted', 'refused']);
    await expect(reportCurrent(ofKey)).resolves.toBe('key-refused');
    expect(fallBack).toHaveBeenCalledTimes(1);
    expect(onRefused).toHaveBeenCalledTimes(1);
  });

  test('what has taken its place by then is handed out', async () => {
    const { withToken, report, probe, fallBack, vault } = createScene();
    const { id } = await withToken();
    probe.mockResolvedValueOnce(['refused', 'refused']);
    fallBack.mockImplementationOnce(async () => {
      vault.put('okq8-payments', 'key-2');
      vault.facts.slot = 'secondary';
      return true;
    });
    await expect(report(id, ofKey)).resolves.toBe('alternate');
    expect((await withToken()).id).not.toBe(id);
  });
});

describe('a forced refresh', () => {
  test('loads key and token again, and is under the same limits as reports', async () => {
    const { rejections, requirement, withToken, signal, tokenRequests, keyReads, probe, report } = createScene();
    const before = await withToken();
    const after = await rejections.forceRefresh(requirement, signal);
    expect(after.token).not.toBe(before.token);
    expect(after.key).toBe(before.key);
    await Promise.all(Array.from({ length: 100 }, () => rejections.forceRefresh(requirement, signal)));
    await expect(report(after.id, ofToken)).resolves.toBe('limited');
    expect([tokenRequests(), keyReads(), probe.mock.calls.length]).toEqual([2, 2, 1]);
  });
});
