import { statusAnswer, type StatusAnswer } from '../../shared/http/contract/status.ts';
import { defineCommand, type Given } from '../command.ts';
import { connect } from '../connection/broker.ts';
import type { ExitCode } from '../failure.ts';
import type { Outside } from '../outside.ts';
import { findingsOf } from '../status/findings.ts';
import { statusLines } from '../status/view.ts';
import { watch } from '../status/watch.ts';
import { paintFor } from '../text/colours.ts';
import { allPrintable, toJsonLine } from '../text/printable.ts';
import { usualWidth } from '../text/table.ts';

const options = {
  watch: {
    type: 'boolean',
    help: 'Renews it every 2 s. Where stdout is no terminal, a line for each change. Ctrl-C ends it.',
  },
} as const;

export const statusCommand = defineCommand({
  name: 'status',
  summary: 'Whether all is well, and what is not; where every rotation, token and secret stands.',
  operands: [],
  options,
  details: [
    'Exits 1 where there is a fault. Caches and figures are those of the instance that answers; rotations are everyone’s.',
    'Needs the app role Operations.Read.',
  ],
  examples: ['broker status', 'broker status --watch', "broker status --json | jq '.subscriptions[].rotation.state'"],
  run: showStatus,
});

async function showStatus({ values }: Given<typeof options>, outside: Outside): Promise<ExitCode> {
  const broker = await connect(values, outside);
  const ask = (): Promise<StatusAnswer> => broker.ask({ path: '/v1/status' }, statusAnswer);
  const paint = paintFor(outside, values['no-color']);
  const draw = (status: StatusAnswer) =>
    statusLines(allPrintable(status), paint, outside.out.size()?.columns ?? usualWidth);
  if (values.watch) return watch({ ask, draw, asJson: values.json ?? false }, outside);
  const status = await ask();
  outside.out.write(values.json ? toJsonLine(status) : `${draw(status).join('\n')}\n`);
  return findingsOf(status).some(({ grade }) => grade === 'fault') ? 1 : 0;
}
