import { parseArgs } from 'node:util';
import { readArguments, refuseArguments } from '../local/stack/arguments.ts';
import { runUntilStopped } from '../local/stack/run.ts';
import { demonstrate } from './demo/demonstrate.ts';

const usage = `Usage: npm run demo:rotation [-- --kill] [--json] [--minutes N]

The local stack on real sockets, with short durations: the timer alone takes two subscriptions through a whole
rotation, secondary and then primary, while services ask the broker for headers and use them, 200 times a second
and more, at random moments before they expire, at any gateway. Not one use may be refused. Takes about two minutes.

  --kill       kills the broker with SIGKILL once in each state of the cycle, and starts it again
  --json       prints one object with the figures on stdout; the progress goes to stderr
  --minutes N  gives up after this long. Default 5
  --help

Exits 0 only where no header set was refused, both keys of each subscription have changed, and there were 200 uses a
second on average.
`;

const { values, positionals } = readArguments(
  () =>
    parseArgs({
      options: {
        kill: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        minutes: { type: 'string', default: '5' },
        help: { type: 'boolean' },
      },
      allowPositionals: true,
    }),
  usage,
);
if (positionals.length > 0) refuseArguments('This command takes options alone.');
const minutes = Number(values.minutes);
if (!(minutes > 0 && minutes <= 60)) refuseArguments('--minutes takes a number above 0, up to 60.');

const { kill: withKills, json: asJson } = values;
await runUntilStopped((run) => demonstrate(run, { withKills, asJson, limitMs: minutes * 60_000 }));
