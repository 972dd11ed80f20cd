import type { Clock } from '../../shared/clock.ts';
import { BrokerError } from '../../shared/errors.ts';
import type { Fingerprint } from '../../shared/names.ts';
import { createFallBack } from '../../shared/rotation/fall-back.ts';
import type { Rotated } from '../../shared/rotation/runner.ts';
import type { Log } from '../../shared/telemetry/log.ts';
import { describeError } from '../../shared/telemetry/redaction.ts';
import type { Moved } from './ticking.ts';

type Options = { clock: Clock; name: string; log: Log };

/** What a worker does about a key that is refused: the broker's own fall back, without the vault's copy of the other key. */
export function createFalling({ records, fingerprintOf }: Omit<Moved, 'rotated'>, { clock, name, log }: Options) {
  let operations = 0;
  const createOperationId = () => `${name}-falling-${(operations += 1)}`;
  const loadFingerprintOf = () => Promise.resolve(fingerprintOf);
  const fallBack = createFallBack({ clock, records, loadFingerprintOf, createOperationId }, { runner: name });
  const remembered = { list: () => Promise.reject(new BrokerError('authority-unavailable')) };
  return async (rotated: Rotated, refused: Fingerprint): Promise<boolean> => {
    try {
      return await fallBack({ ...rotated, remembered }, refused, log);
    } catch (error) {
      log.warn('rotation-failed', { subscription: rotated.subscription, ...describeError(error) });
      return true;
    }
  };
}
