import { describe, expect, test } from '@jest/globals';
import type { ApiManagement } from '../../../local/stand-ins/api-management/api-management.ts';
import { ask, createService, keysOf } from './service.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const statusAt = async (service: ApiManagement, key: string, instance: number): Promise<number> => {
  const headers = { 'Ocp-Apim-Subscription-Key': key };
  return (await ask(service.gateway(instance), '/core', { headers })).status;
};

/** A service, the key that its core subscription had, and the one it has since a moment ago. */
const regenerated = (service: ApiManagement): { before: string; after: string } => {
  const before = keysOf(service, 's-core').primary;
  service.steerManagement('s-core', { regenerate: 'primary' });
  return { before, after: keysOf(service, 's-core').primary };
};

describe('a regenerated key', () => {
  test('is accepted by a gateway, and the old one refused, only after that gateway’s own delay', async () => {
    const clock = createManualClock();
    const service = createService(clock);
    service.steerGateway({ subscription: 's-core', instance: 1, propagation: '10s' });
    const { before, after } = regenerated(service);
    expect([await statusAt(service, after, 0), await statusAt(service, before, 0)]).toEqual([200, 401]);
    expect([await statusAt(service, after, 1), await statusAt(service, before, 1)]).toEqual([401, 200]);
    await clock.advance(9_999);
    expect([await statusAt(service, after, 1), await statusAt(service, before, 1)]).toEqual([401, 200]);
    await clock.advance(1);
    expect([await statusAt(service, after, 1), await statusAt(service, before, 1)]).toEqual([200, 401]);
  });

  test('leaves the other slot and the other subscriptions alone', async () => {
    const service = createService();
    const [core, payments] = [keysOf(service, 's-core'), keysOf(service, 's-payments')];
    regenerated(service);
    expect(keysOf(service, 's-core').secondary).toBe(core.secondary);
    expect(keysOf(service, 's-core').primary).not.toBe(core.primary);
    expect(keysOf(service, 's-payments')).toEqual(payments);
  });

  test('does not reach a gateway that is offline, however long it takes, and reaches it when it is back', async () => {
    const clock = createManualClock();
    const service = createService(clock);
    service.steerGateway({ subscription: 's-core', instance: 1, offline: true });
    const { before, after } = regenerated(service);
    await clock.advance(86_400_000);
    expect([await statusAt(service, after, 1), await statusAt(service, before, 1)]).toEqual([401, 200]);
    expect(await statusAt(service, after, 0)).toBe(200);
    service.steerGateway({ subscription: 's-core', instance: 1, offline: false });
    expect([await statusAt(service, after, 1), await statusAt(service, before, 1)]).toEqual([200, 401]);
  });

  test('stays where it has arrived when the gateway goes offline, or its delay grows, afterwards', async () => {
    const service = createService();
    const { before, after } = regenerated(service);
    service.steerGateway({ instance: 0, offline: true });
    service.steerGateway({ instance: 1, propagation: '1h' });
    expect([await statusAt(service, after, 0), await statusAt(service, after, 1)]).toEqual([200, 200]);
    expect([await statusAt(service, before, 0), await statusAt(service, before, 1)]).toEqual([401, 401]);
  });

  test('arrives early when the delay is shortened meanwhile', async () => {
    const service = createService();
    service.steerGateway({ propagation: '10m' });
    const { after } = regenerated(service);
    expect(await statusAt(service, after, 0)).toBe(401);
    service.steerGateway({ propagation: '0s' });
    expect(await statusAt(service, after, 0)).toBe(200);
  });

  test('gives way to the original keys when those are restored', async () => {
    const service = createService();
    const original = keysOf(service, 's-core');
    regenerated(service);
    regenerated(service);
    service.steerManagement('s-core', { regenerate: 'secondary', restore: true });
    expect(keysOf(service, 's-core')).toEqual(original);
    expect(await statusAt(service, original.primary, 0)).toBe(200);
  });
});

describe('a suspension', () => {
  test('reaches each gateway after its delay', async () => {
    const clock = createManualClock();
    const service = createService(clock);
    const { primary } = keysOf(service, 's-core');
    service.steerGateway({ subscription: 's-core', propagation: '1s' });
    service.steerGateway({ subscription: 's-core', state: 'suspended' });
    expect(await statusAt(service, primary, 0)).toBe(200);
    await clock.advance(1_000);
    expect(await statusAt(service, primary, 0)).toBe(403);
  });

  test('that is for one gateway alone holds there at once, until the subscription’s state changes', async () => {
    const service = createService();
    const { primary } = keysOf(service, 's-core');
    service.steerGateway({ subscription: 's-core', instance: 1, state: 'suspended' });
    expect([await statusAt(service, primary, 0), await statusAt(service, primary, 1)]).toEqual([200, 403]);
    service.steerGateway({ subscription: 's-core', state: 'active' });
    expect(await statusAt(service, primary, 1)).toBe(200);
  });
});

describe('steering is refused with a reason', () => {
  test.each([
    [{}, /at least one/],
    [{ subscription: 's-core' }, /at least one/],
    [{ subscription: 'nosuch', quota: 1 }, /s-core, s-payments/],
    [{ quota: 1 }, /subscription/],
    [{ state: 'suspended' }, /subscription/],
    [{ subscription: 's-core', state: 'asleep' }, /state/],
    [{ subscription: 's-core', quota: -1 }, /quota/],
    [{ subscription: 's-core', quota: { calls: 1 } }, /quota/],
    [{ propagation: '10' }, /250ms, 90s or 5m/],
    [{ instance: 2, offline: true }, /2 gateways/],
    [{ offline: true, planet: 'Mars' }, /planet/],
    ['offline', /object/],
  ])('for a gateway: %j', (body, reason) => {
    expect(createService().steerGateway(body)?.reason).toMatch(reason);
  });

  test.each([
    ['s-core', {}, /at least one/],
    ['s-core', { regenerate: 'third' }, /primary/],
    ['s-core', { late: 'soon' }, /250ms, 90s or 5m/],
    ['s-core', { restore: false }, /true/],
    ['nosuch', { restore: true }, /s-core, s-payments/],
  ])('for the management of %s: %j', (sid, body, reason) => {
    const service = createService();
    const before = keysOf(service, 's-core');
    expect(service.steerManagement(sid, body)?.reason).toMatch(reason);
    expect(keysOf(service, 's-core')).toEqual(before);
  });
});
