import { parseArgs } from 'node:util';
import { readArguments, refuseArguments } from '../local/stack/arguments.ts';
import { runUntilStopped } from '../local/stack/run.ts';
import { demonstrateRejection } from './demo/rejection.ts';

const usage = `Usage: npm run demo:rejection [-- --seconds N] [--rate N] [--json]

The local stack on real sockets, with three gateways. Four services call an API through the client library, and in the middle
somebody regenerates the active key behind the broker's back: the gateways refuse it, one after the other. Each client reports
what it was refused with, and repeats the call once.

  --seconds N  how long the services call. Default 20, at least 8
  --rate N     calls a second, by all of them together. Default 100
  --json       prints one object with the figures on stdout; the progress goes to stderr
  --help

Exits 0 only where calls were refused, none failed after its one repeat, the other slot's key was handed out in answer to the
first report, the alert was logged, and the rate was held.
`;

const { values, positionals } = readArguments(
  () =>
    parseArgs({
      options: {
        seconds: { type: 'string', default: '20' },
        rate: { type: 'string', default: '100' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean' },
      },
      allowPositionals: true,
    }),
  usage,
);
if (positionals.length > 0) refuseArguments('This command takes options alone.');
const [seconds, rate] = [Number(values.seconds), Number(values.rate)];
if (!(seconds >= 8 && seconds <= 600)) refuseArguments('--seconds takes a number from 8 to 600.');
if (!(rate >= 1 && rate <= 2_000)) refuseArguments('--rate takes a number from 1 to 2000.');

await runUntilStopped((run) => demonstrateRejection(run, { seconds, rate, asJson: values.json }));
