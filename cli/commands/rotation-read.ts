import { rotationAnswer } from '../../shared/http/contract/rotation.ts';
import { defineCommand, type Given } from '../command.ts';
import { connect } from '../connection/broker.ts';
import { Failure, type ExitCode } from '../failure.ts';
import type { Outside } from '../outside.ts';
import { rotationPath } from '../rotation/path.ts';
import { absence, planLines, rotationLines } from '../rotation/view.ts';
import { paintFor } from '../text/colours.ts';
import { allPrintable, toJsonLine } from '../text/printable.ts';

const needsRead = 'Needs the app role Operations.Read.';

export const rotationReadCommands = [
  defineCommand({
    name: 'rotation show',
    summary: 'Where one rotation stands, its keys, what comes next, and its history.',
    operands: ['SUBSCRIPTION'],
    options: {},
    details: [needsRead],
    examples: ['broker rotation show okq8-payments'],
    run: show,
  }),
  defineCommand({
    name: 'rotation plan',
    summary: 'Which states it would pass through, and not before when. Changes nothing.',
    operands: ['SUBSCRIPTION'],
    options: {},
    details: [needsRead],
    examples: ['broker rotation plan okq8-payments'],
    run: plan,
  }),
];

async function show(given: Given, outside: Outside): Promise<ExitCode> {
  const answer = await ask(given, outside);
  const lines = () =>
    rotationLines(allPrintable(answer), outside.clock.wall(), paintFor(outside, given.values['no-color']));
  outside.out.write(given.values.json ? toJsonLine(answer) : `${lines().join('\n')}\n`);
  return 0;
}

async function plan(given: Given, outside: Outside): Promise<ExitCode> {
  const { subscription, rotation, problem } = await ask(given, outside);
  if (!rotation) throw new Failure(1, `There is no plan for ${subscription}.`, [absence(allPrintable(problem))]);
  const lines = () => planLines(allPrintable(rotation), outside.clock.wall());
  outside.out.write(given.values.json ? toJsonLine({ subscription, plan: rotation.plan }) : `${lines().join('\n')}\n`);
  return 0;
}

async function ask({ values, operands: [subscription = ''] }: Given, outside: Outside) {
  const path = rotationPath(subscription);
  const broker = await connect(values, outside);
  return broker.ask({ path }, rotationAnswer);
}
