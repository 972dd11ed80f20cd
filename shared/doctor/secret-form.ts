import { hasControlCharacter, isHeaderValue } from '../header-value.ts';
import type { Secret } from '../secret.ts';

/** What a secret is for decides what its value may be. */
export type Purpose = 'fingerprint-key' | 'client-secret' | 'certificate' | 'subscription-key' | 'password';

/** As `credentials/fingerprint.ts` wants it. */
const leastFingerprintKey = 32;

/** Whether a value can be what it is for. */
export function isWellFormed(purpose: Purpose, secret: Secret): boolean {
  const text = secret.open();
  switch (purpose) {
    case 'certificate':
      // Read for what it says besides.
      return true;
    case 'fingerprint-key':
      return text.length >= leastFingerprintKey;
    case 'subscription-key':
      return isHeaderValue(text);
    case 'client-secret':
    case 'password':
      return !hasControlCharacter(text);
  }
}

export function isSameSecret(one: Secret, other: Secret): boolean {
  return one.open() === other.open();
}
