import { createDoctor, readRemote, toFindings, toReport, toUnreadFindings } from '../../shared/broker-doctor.ts';
import { loadStart } from '../../shared/config/load.ts';
import { ConfigError } from '../../shared/config/problem.ts';
import { BrokerError } from '../../shared/errors.ts';
import type { DoctorAnswer, Finding } from '../../shared/http/contract/doctor.ts';
import { createAzureCli } from '../connection/sign-in.ts';
import { within } from '../connection/within.ts';
import type { Outside } from '../outside.ts';
import type { Identity, SettingValues } from './settings.ts';

/** What is not reached until then is skipped. */
const limitMs = 60_000;

/** As whom it is looked at. */
type As = { readonly identity: Identity; readonly tenant: string | undefined };

/** Examines what the settings, and the configuration that they name, describe. What does not load is a finding too. */
export async function examine(
  settings: SettingValues,
  { identity, tenant }: As,
  { clock, interrupted }: Outside,
  onFinding: (finding: Finding) => void,
): Promise<DoctorAnswer> {
  const startedOn = clock.wall();
  const options = { credential: identity === 'cli' ? createAzureCli(tenant) : undefined };
  const look = async (signal: AbortSignal): Promise<readonly Finding[]> => {
    const told = loadStart(settings);
    const loaded = 'blobUrl' in told ? await readRemote(told, clock, signal, options) : told;
    return createDoctor(loaded, clock, options).examine(signal, onFinding);
  };
  const findings = await within(clock, limitMs, interrupted, look).catch((error: unknown) => {
    interrupted.throwIfAborted();
    const found = findingsOf(error);
    found.forEach(onFinding);
    return found;
  });
  interrupted.throwIfAborted();
  const report = toReport(findings, startedOn);
  return { ...report, findings: [...report.findings] };
}

/** Why there is no configuration to examine. */
function findingsOf(error: unknown): readonly Finding[] {
  if (error instanceof ConfigError) return toFindings(error);
  if (error instanceof BrokerError) return toUnreadFindings(error);
  throw error;
}
