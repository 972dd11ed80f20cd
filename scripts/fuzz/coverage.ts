import { Session, type Profiler } from 'node:inspector/promises';

/** Which characters of our own source have run: what tells an input that does something new from one that does not. */
export type Coverage = {
  /** How many characters ran since the last reading that never ran before. They count as seen from then on, unless only looked at. */
  read(options?: { onlyLook: boolean }): Promise<number>;
  /** Forgets what was seen. */
  reset(): void;
  stop(): void;
};

/** Reads the block counts of V8, of this thread, and of the scripts whose URL fits. */
export async function startCoverage(isOwn: (url: string) => boolean): Promise<Coverage> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const seen = new Map<string, Uint8Array>();

  const countNew = (scriptId: string, { ranges }: Profiler.FunctionCoverage, onlyLook: boolean): number => {
    const [whole] = ranges;
    if (!whole || whole.count === 0) return 0;
    const key = `${scriptId} ${whole.startOffset} ${whole.endOffset}`;
    const known = seen.get(key) ?? new Uint8Array(whole.endOffset - whole.startOffset);
    const ran = new Uint8Array(known.length);
    // Each range stands behind the one that it is a part of.
    for (const { startOffset, endOffset, count } of ranges) {
      ran.fill(count > 0 ? 1 : 0, startOffset - whole.startOffset, endOffset - whole.startOffset);
    }
    const fresh = ran.reduce((sum, value, index) => sum + (value > (known[index] ?? 0) ? 1 : 0), 0);
    if (!onlyLook && fresh > 0) {
      seen.set(
        key,
        known.map((value, index) => value | (ran[index] ?? 0)),
      );
    }
    return fresh;
  };

  return {
    read: async ({ onlyLook } = { onlyLook: false }) => {
      const { result } = await session.post('Profiler.takePreciseCoverage');
      const functions = result
        .filter(({ url }) => isOwn(url))
        .flatMap((script) => script.functions.map((each) => [script.scriptId, each] as const));
      return functions.reduce((sum, [scriptId, each]) => sum + countNew(scriptId, each, onlyLook), 0);
    },
    reset: () => seen.clear(),
    stop: () => session.disconnect(),
  };
}
