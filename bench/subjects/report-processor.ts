import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

// Loaded into the host's process before the host, and asked by its parent.

/** What the process has taken of the processor so far; a profile to be begun; or the one that was begun, to be written to a file. */
export type Question = 'cpu' | 'profile' | { readonly profileTo: string };

const session = new Session();

process.on('message', (question: Question) => void answer(question));

async function answer(question: Question): Promise<void> {
  if (question === 'cpu') process.send?.({ cpu: process.cpuUsage() });
  else if (question === 'profile') process.send?.({ profiling: await beginProfile() });
  else process.send?.({ profiled: await writeProfile(question.profileTo) });
}

async function beginProfile(): Promise<true> {
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  return true;
}

async function writeProfile(file: string): Promise<true> {
  const { profile } = await session.post('Profiler.stop');
  writeFileSync(file, JSON.stringify(profile));
  session.disconnect();
  return true;
}
