import { randomUUID } from 'node:crypto';
import {
  commands,
  rotationAnswer,
  steeringAnswer,
  steeringRequest,
  type Command as Steering,
  type SteeringAnswer,
} from '../../shared/http/contract/rotation.ts';
import { defineCommand, type Command, type Given } from '../command.ts';
import { connect } from '../connection/broker.ts';
import { Failure, refuse, type ExitCode } from '../failure.ts';
import type { Outside } from '../outside.ts';
import { confirmed } from '../rotation/confirmed.ts';
import { consequencesOf } from '../rotation/consequences.ts';
import { rotationPath } from '../rotation/path.ts';
import { absence, planLines, standingLine } from '../rotation/view.ts';
import { paintFor, type Paint } from '../text/colours.ts';
import { allPrintable, toJsonLine } from '../text/printable.ts';

const summaries: Readonly<Record<Steering, string>> = {
  start: 'A cycle is due at once.',
  pause: 'No key is regenerated until it is resumed.',
  resume: 'Goes on from where it stands.',
  rollback: 'Publishes the retiring key again, while it drains.',
  emergency: 'The active key is compromised: replaces it without its drain. Header sets that carry it fail.',
};

const options = {
  reason: {
    type: 'string',
    value: 'TEXT',
    help: 'Why, in up to 200 characters. It stands in the audit trail and in the history. Required.',
  },
  yes: { type: 'boolean', help: 'Does not ask. Required where nobody can be asked.' },
} as const;

const emergencyOptions = {
  ...options,
  confirm: { type: 'string', value: 'NAME', help: 'The subscription’s name once more. Required.' },
} as const;

type SteeringGiven = Given<typeof emergencyOptions>;

export const rotationSteerCommands: readonly Command[] = commands.map((command) => {
  const definition = {
    name: `rotation ${command}`,
    summary: summaries[command],
    operands: ['SUBSCRIPTION'],
    details: [
      'Says what will happen and asks first. A command whose answer is lost is sent again under the same key, and carried out once.',
      'Needs the app role Operations.Write.',
    ],
    examples: [exampleOf(command)],
    run: (given: SteeringGiven, outside: Outside) => steer(command, given, outside),
  };
  return command === 'emergency'
    ? defineCommand({ ...definition, options: emergencyOptions })
    : defineCommand({ ...definition, options });
});

function exampleOf(command: Steering): string {
  const confirm = command === 'emergency' ? ' --confirm okq8-payments' : '';
  return `broker rotation ${command} okq8-payments${confirm} --reason "INC-4711: key in a log"`;
}

async function steer(command: Steering, given: SteeringGiven, outside: Outside): Promise<ExitCode> {
  const {
    values,
    operands: [subscription = ''],
  } = given;
  const path = rotationPath(subscription);
  const body = readRequest(command, subscription, given);
  if (!values.yes && !outside.canAsk) {
    refuse('Nobody can be asked here whether to go on, so nothing was done.', 'Say --yes to do it without asking.');
  }
  const broker = await connect(values, outside);
  const before = allPrintable(await broker.ask({ path }, rotationAnswer));
  if (!before.rotation)
    throw new Failure(1, `There is nothing to steer of ${subscription}.`, [absence(before.problem)]);
  const paint = paintFor({ ...outside, out: outside.err }, values['no-color']);
  const say = (lines: readonly string[]) => outside.err.write(lines.map((line) => `${line}\n`).join(''));
  const now = outside.clock.wall();
  const [first = '', ...more] = consequencesOf(command, subscription, before.rotation.activeSlot);
  say([paint(command === 'emergency' ? 'fault' : 'strong', first), ...more]);
  say([`Now: ${standingLine(before.rotation, now)}`]);
  if (!values.yes && !(await confirmed(outside))) {
    say(['Nothing was done.']);
    return 1;
  }
  const idempotencyKey = randomUUID();
  const answer = await broker.ask({ path: `${path}/${command}`, method: 'POST', body, idempotencyKey }, steeringAnswer);
  const printed = () => `${doneLines(allPrintable(answer), now, paintFor(outside, values['no-color'])).join('\n')}\n`;
  outside.out.write(values.json ? toJsonLine(answer) : printed());
  return 0;
}

function readRequest(command: Steering, subscription: string, { values: { reason, confirm } }: SteeringGiven) {
  if (reason === undefined)
    return refuse('Say why with --reason TEXT: it stands in the audit trail and in the history.');
  const request = steeringRequest.safeParse({ reason, ...(confirm !== undefined && { confirm }) });
  if (!request.success) return refuse('--reason takes 1 to 200 characters, in one line.');
  if (command === 'emergency' && confirm !== subscription) {
    const outage = consequencesOf(command, subscription);
    return refuse(
      'An emergency breaks header sets that are out, so that it needs the subscription’s name twice.',
      ...outage,
      `To do it: --confirm ${subscription}`,
    );
  }
  return request.data;
}

function doneLines(
  { subscription, command, replayed, outage, rotation }: SteeringAnswer,
  now: number,
  paint: Paint,
): string[] {
  return [
    paint(
      'well',
      replayed ? `Done before, and not again: ${command} of ${subscription}.` : `Done: ${command} of ${subscription}.`,
    ),
    ...(outage === null ? [] : [paint('fault', outage)]),
    'What follows, were everything to go well:',
    ...planLines(rotation, now),
  ];
}
