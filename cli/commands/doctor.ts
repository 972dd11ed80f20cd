import { doctorAnswer, type DoctorAnswer, type Finding } from '../../shared/http/contract/doctor.ts';
import { defineCommand, type Given } from '../command.ts';
import { connect } from '../connection/broker.ts';
import { adopt, chooseIdentity, findSettings } from '../doctor/settings.ts';
import { findingLines, summaryLine } from '../doctor/view.ts';
import { refuse, type ExitCode } from '../failure.ts';
import type { Outside } from '../outside.ts';
import { paintFor } from '../text/colours.ts';
import { printable, toJsonLine } from '../text/printable.ts';
import { usualWidth } from '../text/table.ts';

const options = {
  remote: {
    type: 'boolean',
    help: 'Lets the broker examine itself: POST /v1/doctor. Needs the app role Operations.Read.',
  },
  settings: {
    type: 'string',
    value: 'FILE',
    help: 'The app settings, such as local.settings.json. Default: the environment, else the local stack’s.',
  },
} as const;

export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: 'Why a call fails: looks at everything that a call depends on, and names the cause and what to do.',
  operands: [],
  options,
  details: [
    'Reads only. Looks at it from this process: as the managed identity where there is one, else as you, by the Azure CLI.',
    'From somewhere else than where the broker runs, --remote sees what the broker sees. Causes: docs/doctor.md.',
  ],
  examples: [
    'broker doctor',
    'broker doctor --remote --url https://my-broker.azurewebsites.net',
    'broker doctor --settings local.settings.json',
  ],
  run: doctor,
});

/** The broker itself gives up after 25 s. */
const remoteLimitMs = 40_000;

async function doctor(given: Given<typeof options>, outside: Outside): Promise<ExitCode> {
  const { values } = given;
  if (values.remote && values.settings !== undefined) refuse('--remote and --settings contradict each other.');
  const paint = paintFor(outside, values['no-color']);
  const width = outside.out.size()?.columns ?? usualWidth;
  const say = (lines: readonly string[]) => {
    if (!values.json) outside.out.write(lines.map((line) => `${line}\n`).join(''));
  };
  const onFinding = (finding: Finding) => say(findingLines(finding, paint, width));
  const answer = values.remote
    ? await askBroker(given, outside, onFinding)
    : await examineHere(given, outside, onFinding);
  if (values.json) outside.out.write(toJsonLine(answer));
  say(['', summaryLine(answer, paint)]);
  return answer.faults > 0 ? 1 : 0;
}

async function askBroker(
  { values }: Given<typeof options>,
  outside: Outside,
  onFinding: (finding: Finding) => void,
): Promise<DoctorAnswer> {
  const broker = await connect(values, outside);
  outside.err.write(`${printable(broker.url)} examines itself; this takes up to half a minute.\n`);
  const answer = await broker.ask({ path: '/v1/doctor', method: 'POST', limitMs: remoteLimitMs }, doctorAnswer);
  answer.findings.forEach(onFinding);
  return answer;
}

async function examineHere(
  { values }: Given<typeof options>,
  outside: Outside,
  onFinding: (finding: Finding) => void,
): Promise<DoctorAnswer> {
  const found = await findSettings(values, outside);
  const identity = chooseIdentity(values, found);
  adopt(found, outside);
  const who = identity === 'cli' ? 'whoever is signed in to the Azure CLI' : 'the managed identity';
  outside.err.write(`Examines the settings of ${printable(found.source)}, as ${who}.\n`);
  // With it come all of Azure's libraries, which no other command needs.
  const { examine } = await import('../doctor/examine.ts');
  return examine(found.values, { identity, tenant: values.tenant }, outside, onFinding);
}
