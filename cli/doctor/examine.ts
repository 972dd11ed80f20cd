import { createDoctor, loadExamined, toFindings, toReport } from '../../shared/broker-doctor.ts';
import { ConfigError } from '../../shared/config/problem.ts';
import type { DoctorAnswer, Finding } from '../../shared/http/contract/doctor.ts';
import { within } from '../connection/within.ts';
import { createAzureCli } from '../connection/sign-in.ts';
import type { Outside } from '../outside.ts';
import type { Identity, SettingValues } from './settings.ts';

/** What is not reached until then is skipped. */
const limitMs = 60_000;

/** Examines what the settings, and the configuration that they name, describe. Settings that do not load are findings too. */
export async function examine(
  settings: SettingValues,
  { identity, tenant }: { identity: Identity; tenant: string | undefined },
  outside: Outside,
  onFinding: (finding: Finding) => void,
): Promise<DoctorAnswer> {
  const { clock, interrupted } = outside;
  const startedOn = clock.wall();
  const credential = identity === 'cli' ? createAzureCli(tenant) : undefined;
  const loaded = await loadExamined(settings, clock, { credential }).catch(expectConfigError);
  if (loaded instanceof ConfigError) {
    const findings = toFindings(loaded);
    for (const finding of findings) onFinding(finding);
    return toAnswer(findings, startedOn);
  }
  const doctor = createDoctor(loaded, clock, { credential });
  const findings = await within(clock, limitMs, interrupted, (signal) => doctor.examine(signal, onFinding));
  interrupted.throwIfAborted();
  return toAnswer(findings, startedOn);
}

function expectConfigError(error: unknown): ConfigError {
  if (error instanceof ConfigError) return error;
  throw error;
}

function toAnswer(findings: Parameters<typeof toReport>[0], startedOn: number): DoctorAnswer {
  const report = toReport(findings, startedOn);
  return { ...report, findings: [...report.findings] };
}
