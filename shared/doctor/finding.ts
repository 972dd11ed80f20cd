import { causes, type Cause } from './causes.ts';

/** What is looked at, in the order in which things depend on one another. */
export const checks = [
  'settings',
  'config',
  'identity',
  'entra',
  'clock',
  'key-vault',
  'secret',
  'client',
  'token',
  'gateway',
  'subscription',
  'key',
  'api',
  'storage',
  'rotation',
] as const;

export type Check = (typeof checks)[number];

/** One thing that was looked at. Holds names of the configuration, moments, statuses and error codes; no secret, and no text of an upstream's. */
export type Finding = {
  readonly check: Check;
  /** Of what: a name in the configuration, a setting's, a scope, a gateway's address, or a service. */
  readonly subject: string;
  readonly verdict: 'well' | 'warning' | 'fault' | 'skipped';
  readonly cause: Cause | null;
  /** What was seen. */
  readonly detail: string | null;
  readonly remedy: string | null;
};

/** Findings of one check. */
export type Findings = {
  readonly well: (subject: string, detail?: string) => Finding;
  readonly warning: (subject: string, cause: Cause, detail?: string) => Finding;
  readonly fault: (subject: string, cause: Cause, detail?: string) => Finding;
  /** @param because what kept it from being looked at. */
  readonly skipped: (subject: string, because: string) => Finding;
};

export function findingsOf(check: Check): Findings {
  const found = (verdict: 'warning' | 'fault') => (subject: string, cause: Cause, detail: string) =>
    ({ check, subject, verdict, cause, detail, remedy: causes[cause].remedy }) as const;
  const [warning, fault] = [found('warning'), found('fault')];
  const told = (cause: Cause, detail: string | undefined) => [causes[cause].means, detail].filter(Boolean).join(' ');
  return {
    well: (subject, detail) => ({ check, subject, verdict: 'well', cause: null, detail: detail ?? null, remedy: null }),
    warning: (subject, cause, detail) => warning(subject, cause, told(cause, detail)),
    fault: (subject, cause, detail) => fault(subject, cause, told(cause, detail)),
    skipped: (subject, because) => ({
      check,
      subject,
      verdict: 'skipped',
      cause: null,
      detail: because,
      remedy: null,
    }),
  };
}
