import process from 'node:process';
import { text } from 'node:stream/consumers';

/** The Azure CLI, as the runbooks call it: passes its arguments on to `azure-commands.ts`, and prints what that says. */
const args = process.argv.slice(2);
const input = args.includes('/dev/stdin') ? await text(process.stdin) : '';
const response = await fetch(process.env['AZ_STAND_IN'] ?? '', {
  method: 'POST',
  body: JSON.stringify({ args, input }),
});
const { code, output }: { code: number; output: string } = JSON.parse(await response.text());
(code === 0 ? process.stdout : process.stderr).write(output);
process.exitCode = code;
