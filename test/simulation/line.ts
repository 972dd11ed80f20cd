import { untilAborted } from '../../shared/deadline.ts';
import { BrokerError, type Reason } from '../../shared/errors.ts';
import type { State } from '../../shared/rotation/record.ts';
import type { Fault, Request } from './faults.ts';
import { quarantineMs, truth } from './history.ts';
import type { Instance, Life } from './instance.ts';
import type { World } from './world/world.ts';

/** What an instance asks of the world goes over this: it takes its time, and may end anywhere. */
export type Line = {
  /**
   * @param signal ends the wait for it, whatever becomes of it.
   * @param execute what the other side does when the request reaches it, with the fault that has struck it.
   * @param toBe for a write of the record, the state that is to be.
   */
  request<T>(request: Request, signal: AbortSignal, execute: (fault: Fault | undefined) => T, toBe?: State): Promise<T>;
};

type Journey = {
  /** How long until it is carried out, and from then until the answer is back. */
  readonly outMs: number;
  readonly backMs: number;
  /** What becomes of it on the way there, and on the way back. */
  readonly lostOut?: 'crash' | Reason;
  readonly lostBack?: 'crash' | 'freeze' | Reason;
};

type Dependencies = { world: World; instance: Instance; life: Life; crash: () => void; isCold?: () => boolean };

export function createLine({ world, instance, life, crash, isCold = () => false }: Dependencies): Line {
  const { weather, random, schedule, history } = world;

  const journeyOf = (fault: Fault | undefined): Journey => {
    const { outMs, backMs } = drawLatency(world);
    switch (fault?.kind) {
      case 'crash before a write':
      case 'crash before an effect':
        return { outMs: 0, backMs: 0, lostOut: 'crash' };
      case 'crash after a write':
      case 'crash after an effect':
      case 'crash after tagging':
        return { outMs, backMs, lostBack: 'crash' };
      case 'secret written, record not':
        return { outMs, backMs, lostOut: fault.degree < 0.5 ? 'crash' : 'storage-unavailable' };
      case 'storage down before a step':
      case 'storage down mid-step':
        return { outMs, backMs, lostOut: 'storage-unavailable' };
      case 'answer lost after a write':
        return { outMs, backMs, lostBack: 'storage-unavailable' };
      case 'answer lost after publish':
        return { outMs, backMs, lostBack: 'vault-unavailable' };
      case 'frozen worker wakes before its regenerate':
      case 'frozen worker wakes as it sends its regenerate':
        return { outMs, backMs, lostBack: 'freeze' };
      case 'owner of an intent is slow':
        return {
          outMs: Math.floor(history.requestTimeoutMs * (0.5 + fault.degree / 2)) - 1,
          backMs: history.requestTimeoutMs,
        };
      case 'slow read that spans the switch':
        return { outMs: 0, backMs: random.between(5_000, 19_000) };
      default:
        return { outMs, backMs };
    }
  };

  const comeBack = (
    journey: Journey,
    settle: () => void,
    fail: (error: BrokerError) => void,
    fault: Fault | undefined,
  ) => {
    if (journey.lostBack === 'crash') return crash();
    if (journey.lostBack === 'freeze') instance.freeze(freezeMs(fault, history.requestTimeoutMs));
    const reason = journey.lostBack === 'freeze' ? undefined : journey.lostBack;
    const deliver = () => instance.resume(life, reason ? () => fail(new BrokerError(reason)) : settle);
    later(journey.backMs, deliver);
  };

  const later = (delayMs: number, run: () => void) => {
    if (delayMs > 0) schedule.after(delayMs, run);
    else run();
  };

  return {
    request: (request, signal, execute, toBe) => {
      const answer = new Promise<ReturnType<typeof execute>>((resolve, reject) => {
        if (life.isOver) return;
        const before = world.table.current()?.record.state;
        const fault = weather.strike(request, { state: toBe ?? before, before, isCold: isCold() });
        const journey = journeyOf(fault);
        if (journey.lostOut === 'crash') return crash();
        later(journey.outMs, () => {
          if (journey.lostOut) return comeBack({ ...journey, lostBack: journey.lostOut }, () => {}, reject, fault);
          const settle = attempt(() => execute(fault), resolve, reject);
          comeBack(journey, settle, reject, fault);
        });
      });
      return untilAborted(answer, signal);
    },
  };
}

/** Carries something out now, and settles later. */
function attempt<T>(execute: () => T, resolve: (value: T) => void, reject: (error: unknown) => void): () => void {
  try {
    const value = execute();
    return () => resolve(value);
  } catch (error) {
    return () => reject(error);
  }
}

function drawLatency({ random, history }: World): Pick<Journey, 'outMs' | 'backMs'> {
  if (history.isCalm === true || random.chance(history.isSharp ? 0.95 : 0.7)) return { outMs: 0, backMs: 0 };
  const mostMs = history.isSharp ? 20 : 2_000;
  return { outMs: random.between(0, mostMs), backMs: random.between(0, mostMs) };
}

/** Long enough for the intent to be taken over, and mostly for somebody else to have acted. */
function freezeMs(fault: Fault | undefined, requestTimeoutMs: number): number {
  return requestTimeoutMs + 2 * truth.skewMs + (fault?.degree ?? 0) * 10 * quarantineMs;
}
