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
  const probing: { isOn: boolean } = { isOn: true };
  const rejections = createRejections({
    clock,
    headerSets,
    keys,
    tokens,
    probeOf: () => (probing.isOn ? probe : undefined),
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
    probing,
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

describe('which credential was refused', () => {
  const ofEither = 'Unauthorized';

  test.each([
    [403, 'forbidden'],
    [429, 'throttled'],
  ] as const)('is none where the API answered %d: nothing is looked at', async (status, action) => {
    const { rejections, requirement, withToken, signal, keyReads, tokenRequests } = createScene();
    const { id } = await withToken();
    const { rejection, set } = await rejections.reject({ requirement, id, status, body: ofKey }, signal);
    expect(rejection).toEqual({ credential: 'none', action });
    expect(set.id).toBe(id);
    expect([keyReads(), tokenRequests()]).toEqual([1, 1]);
  });

  test('is the key, whatever the words, where the API takes no token', async () => {
    const { rejections, keyOnly, signal, keyReads, tokenRequests } = createScene();
    const { id } = await keyOnly();
    const asked = { requirement: { subscription }, id, status: 401, body: ofToken } as const;
    expect((await rejections.reject(asked, signal)).rejection).toEqual({ credential: 'key', action: 'unchanged' });
    expect([keyReads(), tokenRequests()]).toEqual([2, 0]);
  });

  const found = async (scene: ReturnType<typeof createScene>, id: string, body: string) => {
    const { rejections, requirement, signal } = scene;
    return (await rejections.reject({ requirement, id, status: 401, body }, signal)).rejection;
  };

  test('is the token, where the words tell neither and the gateways take the key', async () => {
    const scene = createScene();
    const { id } = await scene.withToken();
    expect(await found(scene, id, ofEither)).toEqual({ credential: 'token', action: 'replaced' });
    expect(scene.probe).toHaveBeenCalledTimes(1);
  });

  test.each([
    ['is another by now', 'replaced'],
    ['was another already', 'superseded'],
    ['is refused', 'key-refused'],
    ['is refused, and the other slot’s is published', 'alternate'],
  ] as const)('is the key, where the words tell neither and it %s', async (_how, action) => {
    const scene = createScene();
    const { id } = await scene.withToken();
    if (action === 'replaced' || action === 'superseded') scene.vault.put('okq8-payments', 'key-2');
    if (action === 'superseded') await scene.keys.of(subscription).reload(scene.signal);
    if (action === 'key-refused' || action === 'alternate') scene.probe.mockResolvedValue(['refused']);
    scene.fallBack.mockImplementation(async () => {
      scene.vault.put('okq8-payments', 'key-2');
      scene.vault.facts.slot = 'secondary';
      return action === 'alternate';
    });
    expect(await found(scene, id, ofEither)).toEqual({ credential: 'key', action });
    expect(scene.tokenRequests()).toBe(1);
  });

  test('cannot be told by the key where Key Vault is down: then the token is acquired again', async () => {
    const scene = createScene();
    const { id } = await scene.withToken();
    scene.vault.state.fault = new BrokerError('vault-unavailable');
    expect(await found(scene, id, ofKey)).toEqual({ credential: 'key', action: 'source-down' });
    expect(scene.probe).not.toHaveBeenCalled();
    await scene.clock.advance(10 * second);
    expect(await found(scene, id, ofEither)).toEqual({ credential: 'token', action: 'replaced' });
  });

  test('is not the token that took the place of the reported one', async () => {
    const scene = createScene();
    const { id } = await scene.withToken();
    await scene.tokens.of(client, scope).reload(scene.signal);
    expect(await found(scene, id, ofToken)).toEqual({ credential: 'token', action: 'superseded' });
    expect(scene.tokenRequests()).toBe(2);
  });
});

describe('a key that is reported', () => {
  test('is only read again where nothing tells whether gateways take it', async () => {
    const { reportCurrent, probing, probe, keyReads } = createScene();
    probing.isOn = false;
    await expect(reportCurrent(ofKey)).resolves.toBe('unchanged');
    expect([probe.mock.calls.length, keyReads()]).toEqual([0, 2]);
  });

  test('is tried as it was read again, and told as refused with its fingerprint', async () => {
    const { withToken, report, probe, onRefused, fallBack } = createScene();
    const { id, key } = await withToken();
    probe.mockResolvedValueOnce(['refused']);
    await report(id, ofKey);
    expect(probe.mock.calls[0]?.[0].open()).toBe('key-1');
    expect(onRefused.mock.calls).toEqual([[subscription, key]]);
    expect(fallBack.mock.calls).toEqual([[subscription, key]]);
  });

  test('may be another version of the same slot by then', async () => {
    const { withToken, report, probe, fallBack, vault } = createScene();
    vault.facts.slot = 'primary';
    const { id } = await withToken();
    probe.mockResolvedValueOnce(['refused']);
    fallBack.mockImplementationOnce(async () => {
      vault.put('okq8-payments', 'key-2');
      return true;
    });
    await expect(report(id, ofKey)).resolves.toBe('replaced');
  });

  test.each([
    ['Key Vault shows none yet', false],
    ['Key Vault is down', true],
  ])('stays refused where another is said to be published and %s', async (_how, isDown) => {
    const { withToken, report, probe, fallBack, vault } = createScene();
    const { id } = await withToken();
    probe.mockResolvedValueOnce(['refused']);
    fallBack.mockImplementationOnce(async () => {
      if (isDown) vault.state.fault = new BrokerError('vault-unavailable');
      return true;
    });
    await expect(report(id, ofKey)).resolves.toBe('key-refused');
  });

  test('is looked at for as long as the request lasts, and by the look for others beyond that', async () => {
    const { withToken, rejections, requirement, vault, clock, keyReads } = createScene();
    const { id } = await withToken();
    vault.state.gate = new Promise(() => {});
    const request = new AbortController();
    const asked = rejections.reject({ requirement, id, status: 401, body: ofKey }, request.signal);
    const refused = expect(asked).rejects.toMatchObject({ reason: 'deadline' });
    await clock.advance(second);
    request.abort(new BrokerError('deadline'));
    await refused;
    expect(keyReads()).toBe(2);
    await clock.advance(2 * second);
  });
});

describe('a forced refresh', () => {
  test('loads what is not cached once, and not again', async () => {
    const { rejections, requirement, signal, tokenRequests, keyReads, probe } = createScene();
    await rejections.forceRefresh(requirement, signal);
    expect([tokenRequests(), keyReads(), probe.mock.calls.length]).toEqual([1, 1, 0]);
  });

  test('of an API that takes no token loads its key alone', async () => {
    const { rejections, withToken, signal, tokenRequests, keyReads } = createScene();
    await withToken();
    expect((await rejections.forceRefresh({ subscription }, signal)).token).toBeUndefined();
    expect([tokenRequests(), keyReads()]).toEqual([1, 2]);
  });

  test('is waited for no longer than the request lasts', async () => {
    const { rejections, requirement, withToken, entra, clock } = createScene();
    await withToken();
    entra.state.gate = new Promise(() => {});
    const request = new AbortController();
    const refused = expect(rejections.forceRefresh(requirement, request.signal)).rejects.toMatchObject({
      reason: 'deadline',
    });
    await clock.advance(second);
    request.abort(new BrokerError('deadline'));
    await refused;
    await clock.advance(2 * second);
  });

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
