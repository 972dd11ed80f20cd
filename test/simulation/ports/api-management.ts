import { parseRetryAfter } from '../../../shared/azure/retry-after.ts';
import { BrokerError } from '../../../shared/errors.ts';
import type { KeyAuthority, KeyProbe, ProbeVerdict, RegenerateOutcome } from '../../../shared/rotation/ports.ts';
import type { Slot } from '../../../shared/rotation/slot.ts';
import { Secret } from '../../../shared/secret.ts';
import type { Fault } from '../faults.ts';
import { lateMs } from '../history.ts';
import type { Line } from '../line.ts';
import type { World } from '../world/world.ts';

const notDone: RegenerateOutcome = { kind: 'refused', retryAfterMs: undefined };

/** API Management's control plane, as a runner sees it. */
export function createAuthorityPort(world: World, line: Line): KeyAuthority {
  const { controlPlane, weather, random, schedule } = world;
  const refuse = () => {
    if (
      world.isFailing ||
      weather.during('401 or 403 from the control plane mid-cycle', 'subscription deleted mid-cycle')
    ) {
      throw new BrokerError('authority-refused');
    }
  };
  const list = (fault: Fault | undefined) => {
    refuse();
    if (fault)
      throw new BrokerError(
        fault.kind === 'portal session expires mid-cycle' ? 'authority-refused' : 'authority-unavailable',
      );
    const ageMs = weather.during('stale list') ? random.extreme(0, lateMs) : 0;
    const at = schedule.now() - ageMs;
    return {
      primary: new Secret(controlPlane.keyIn('primary', at)),
      secondary: new Secret(controlPlane.keyIn('secondary', at)),
    };
  };
  return {
    isManual: false,
    list: (signal) => line.request('list', signal, list),
    regenerate: async (slot, signal, mayStillSend) => {
      try {
        // A token is asked for first: a worker may be frozen there too.
        await line.request('authorize', signal, () => {});
        if (!mayStillSend()) return notDone;
        return await line.request('regenerate', signal, (fault) => {
          refuse();
          if (weather.during('subscription suspended mid-cycle')) throw new BrokerError('authority-refused');
          return regenerate(world, slot, fault);
        });
      } catch {
        // Given up while it was under way: nobody knows.
        return signal.aborted ? { kind: 'ambiguous' } : notDone;
      }
    },
  };
}

function regenerate({ controlPlane, schedule }: World, slot: Slot, fault: Fault | undefined): RegenerateOutcome {
  const change = () => controlPlane.change(slot, 'rotation');
  const refused = (retryAfter?: string): RegenerateOutcome => {
    const retryAfterMs = parseRetryAfter(retryAfter, schedule.now());
    return { kind: 'refused', retryAfterMs };
  };
  switch (fault?.kind) {
    case 'answer lost after regenerate':
      change();
      return { kind: 'ambiguous' };
    case 'regenerate executes late, after the list':
      schedule.after(Math.floor(lateMs * (0.2 + 0.8 * fault.degree)), change, true);
      return { kind: 'ambiguous' };
    case '500, then 204':
      return { kind: 'ambiguous' };
    case '429 with Retry-After in seconds':
      return refused('30');
    case '429 with Retry-After as a date':
      return refused(new Date(schedule.now() + 45_000).toUTCString());
    case '409 or 422':
    case 'portal session expires mid-cycle':
      return refused();
    default:
      change();
      return { kind: 'done' };
  }
}

/** The gateways, as a probe sees them. */
export function createProbePort(world: World, line: Line): KeyProbe {
  const { gateways } = world;
  return {
    gateways: gateways.count,
    try: (key, signal) =>
      line
        .request('probe', signal, (fault) =>
          Array.from({ length: gateways.count }, (_, gateway) => tryAt(world, gateway, key.open(), fault)),
        )
        .catch(() => Array.from({ length: gateways.count }, () => 'unknown' as const)),
  };
}

function tryAt(world: World, gateway: number, key: string, fault: Fault | undefined): ProbeVerdict {
  const { gateways, weather, random, history, schedule } = world;
  if (weather.during('subscription suspended mid-cycle')) return 'forbidden';
  if (weather.during('subscription deleted mid-cycle')) return 'refused';
  if (fault?.kind === 'probe without an answer' && gateway === 0) return 'unknown';
  const nodes = gateways.nodesOf(gateway);
  const answering = history.isProbePinned ? (nodes[0] ?? 0) : random.pick(nodes);
  const isAccepted = gateways.accepts(answering, key, schedule.now());
  if (nodes.some((node) => gateways.accepts(node, key, schedule.now()) !== isAccepted)) {
    weather.show('probe answered by another node');
  }
  // A quota is counted by key: 429 says that the key was taken.
  return isAccepted ? 'accepted' : 'refused';
}
