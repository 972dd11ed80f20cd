import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import type { ConfigBlob } from './config-blob.ts';

/** Uploads a file, and again each time that it was saved, until the run ends. `tell` is told of each time but the first. */
export async function keepUploaded(
  file: string,
  blob: Pick<ConfigBlob, 'put'>,
  { cleanup, tell }: { cleanup: Cleanup; tell: (line: string) => void },
): Promise<void> {
  let uploaded = await readFile(file, 'utf8');
  await blob.put(uploaded);

  const upload = async (): Promise<void> => {
    const text = await readFile(file, 'utf8');
    if (text === uploaded) return;
    uploaded = text;
    await blob.put(text);
    tell(`Uploaded ${basename(file)}; the broker looks for it every 30 seconds.`);
  };
  // The directory, and not the file: editors put a new file in its place. One that is being written is not there for a moment.
  const watcher = watch(dirname(file), (_event, name) => {
    if (name === basename(file)) upload().catch(() => {});
  });
  cleanup.add(
    async () => watcher.close(),
    () => watcher.close(),
  );
}
