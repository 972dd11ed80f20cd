import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Cleanup } from './cleanup.ts';

const marker = { name: 'LOCAL_STACK', value: 'written by npm run stack, and removed when it ends' };

/** Throws when a file is there that somebody else wrote, with what to do. */
export function checkLocalSettings(file: string): void {
  const text = readText(file);
  if (text === undefined || text.includes(`"${marker.name}": "${marker.value}"`)) return;
  throw new Error(`${basename(file)} exists, and npm run stack did not write it. Move it away, then start again.`);
}

/** Writes the app settings where the Functions host reads them, until the run ends. Throws as `checkLocalSettings` does. */
export function writeLocalSettings(file: string, settings: Readonly<Record<string, string>>, cleanup: Cleanup): void {
  checkLocalSettings(file);
  const values = { [marker.name]: marker.value, FUNCTIONS_WORKER_RUNTIME: 'node', ...settings };
  const text = `${JSON.stringify({ IsEncrypted: false, Values: values }, undefined, 2)}\n`;
  writeFileSync(file, text, { mode: 0o600 });
  const remove = (): void => {
    // Another stack may have written its own by now.
    if (readText(file) === text) rmSync(file);
  };
  cleanup.add(async () => remove(), remove);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
