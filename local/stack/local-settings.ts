import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Cleanup } from './cleanup.ts';

const name = 'LOCAL_STACK';
const marker = new RegExp(`"${name}": "written by npm run stack \\((\\d+)\\), and removed when it ends"`);

/** Throws when a file is there that somebody else wrote, with what to do. */
export function checkLocalSettings(file: string): void {
  const text = readText(file);
  if (text === undefined) return;
  const writer = marker.exec(text)?.[1];
  if (writer === undefined) {
    throw new Error(`${basename(file)} exists, and npm run stack did not write it. Move it away, then start again.`);
  }
  if (Number(writer) !== process.pid && isRunning(Number(writer))) {
    throw new Error(
      `${basename(file)} is in use by another stack (process ${writer}). End it, or name another file with --settings.`,
    );
  }
}

/** Writes the app settings where the Functions host reads them, until the run ends. Throws as `checkLocalSettings` does. */
export function writeLocalSettings(file: string, settings: Readonly<Record<string, string>>, cleanup: Cleanup): void {
  checkLocalSettings(file);
  const values = {
    [name]: `written by npm run stack (${process.pid}), and removed when it ends`,
    FUNCTIONS_WORKER_RUNTIME: 'node',
    ...settings,
  };
  const text = `${JSON.stringify({ IsEncrypted: false, Values: values }, undefined, 2)}\n`;
  writeFileSync(file, text, { mode: 0o600 });
  const remove = (): void => {
    // Another stack may have written its own by now.
    if (readText(file) === text) rmSync(file);
  };
  cleanup.add(async () => remove(), remove);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
