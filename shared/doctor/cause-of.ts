import type { BrokerError, Reason } from '../errors.ts';
import type { Cause } from './causes.ts';

const causeByReason: Partial<Record<Reason, Cause>> = {
  'identity-refused': 'identity-refused',
  'identity-unavailable': 'identity-unavailable',
  'entra-secret-wrong': 'wrong-secret',
  'entra-secret-expired': 'expired-secret',
  'entra-certificate-refused': 'certificate-refused',
  'entra-federation-missing': 'missing-federation',
  'entra-client-unknown': 'unknown-client',
  'entra-tenant-unknown': 'unknown-tenant',
  'entra-scope-refused': 'wrong-scope',
  'entra-refused': 'entra-refused',
  'entra-answer-malformed': 'malformed-token',
  'entra-unavailable': 'entra-unavailable',
  'vault-secret-missing': 'missing-secret',
  'vault-secret-disabled': 'disabled-secret',
  'vault-secret-malformed': 'malformed-secret',
  'vault-certificate-not-pem': 'certificate-not-pem',
  'vault-certificate-malformed': 'malformed-certificate',
  'vault-forbidden': 'vault-forbidden',
  'vault-refused': 'vault-refused',
  'vault-unavailable': 'vault-unavailable',
  'authority-unavailable': 'authority-unavailable',
  'storage-unavailable': 'storage-unavailable',
  'record-corrupt': 'record-corrupt',
};

/** The cause that a failed look stands for. */
export function causeOf({ reason, upstream }: BrokerError): Cause {
  if (reason === 'authority-refused') return causeOfAuthority(upstream);
  if (reason === 'storage-refused') return isForbidden(upstream) ? 'storage-forbidden' : 'storage-refused';
  return causeByReason[reason] ?? 'unexpected';
}

function causeOfAuthority(upstream: BrokerError['upstream']): Cause {
  if (upstream === 401 || upstream === 403) return 'authority-forbidden';
  return upstream === 404 ? 'unknown-subscription' : 'authority-refused';
}

/** Documented codes of Azure Storage for a token that it does not take, or takes without the role. */
const forbidden: ReadonlySet<unknown> = new Set([
  401,
  403,
  'NoAuthenticationInformation',
  'InvalidAuthenticationInfo',
  'AuthenticationFailed',
  'AuthorizationFailure',
  'AuthorizationPermissionMismatch',
]);

function isForbidden(upstream: BrokerError['upstream']): boolean {
  return forbidden.has(upstream);
}

/** The status or code of an upstream's answer, as people look it up; nothing else of it. */
export function tellUpstream({ upstream, code }: BrokerError): string | undefined {
  if (typeof upstream === 'number') return upstream < 600 ? `It answered ${upstream}.` : `It says AADSTS${upstream}.`;
  if (upstream !== undefined) return `It says ${upstream}.`;
  return code === 'upstream-unavailable' ? 'It did not answer in time.' : undefined;
}
