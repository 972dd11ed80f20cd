import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

// Loaded into the host's process before the host, and asked by its parent.

/** Of what takes the processor, or of what allocates. */
export type ProfileKind = 'cpu' | 'heap';

/** What the process has taken of the processor so far; a profile to be begun; or the one that was begun, to be written to a file. */
export type Question =
  'cpu' | { readonly profile: ProfileKind } | { readonly kind: ProfileKind; readonly profileTo: string };

const session = new Session();

/** What dies young is what costs: all that is allocated, not only what stays. */
const allocations = {
  samplingInterval: 16_384,
  includeObjectsCollectedByMajorGC: true,
  includeObjectsCollectedByMinorGC: true,
};

process.on('message', (question: Question) => void answer(question));

async function answer(question: Question): Promise<void> {
  if (question === 'cpu') process.send?.({ cpu: process.cpuUsage() });
  else if ('profile' in question) process.send?.({ profiling: await beginProfile(question.profile) });
  else process.send?.({ profiled: await writeProfile(question.kind, question.profileTo) });
}

async function beginProfile(kind: ProfileKind): Promise<true> {
  session.connect();
  if (kind === 'heap') await session.post('HeapProfiler.startSampling', allocations);
  else {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
  }
  return true;
}

async function writeProfile(kind: ProfileKind, file: string): Promise<true> {
  const { profile } =
    kind === 'heap' ? await session.post('HeapProfiler.stopSampling') : await session.post('Profiler.stop');
  writeFileSync(file, JSON.stringify(profile));
  session.disconnect();
  return true;
}
