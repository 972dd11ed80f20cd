import { namePattern } from '../../shared/names.ts';
import { refuse } from '../failure.ts';

/** Where the broker answers for one subscription. @throws {Failure} for what cannot be the name of one. */
export function rotationPath(subscription: string): string {
  if (!namePattern.test(subscription)) {
    refuse(
      'SUBSCRIPTION is its name in the broker’s configuration, such as okq8-payments.',
      'broker status lists them.',
    );
  }
  return `/v1/rotations/${subscription}`;
}
