/** What has to be closed, in the reverse order of its start, however far the start came. */
export type Cleanup = {
  /**
   * Remembers how to close something. `abandon`, if there is one, is done when the process ends without `close`: it must be synchronous, and is what
   * must not be left behind.
   */
  add(close: () => Promise<void>, abandon?: () => void): void;
  /** Closes everything, one after the other; failures are collected and thrown at the end. Can be called again. */
  close(): Promise<void>;
};

/** Nothing to close yet. */
export function createCleanup(): Cleanup {
  const entries: { close: () => Promise<void>; abandon: (() => void) | undefined }[] = [];
  let closing: Promise<void> | undefined;

  const abandonAll = (): void => {
    for (const { abandon } of entries.toReversed()) abandon?.();
  };
  process.once('exit', abandonAll);

  const closeAll = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (let entry = entries.at(-1); entry; entry = entries.at(-1)) {
      // oxlint-disable-next-line no-await-in-loop -- The order matters: what was started last needs what was started first.
      await entry.close().catch((error: unknown) => failures.push(error));
      // Only now: until it is closed, it may still have to be abandoned.
      entries.splice(entries.indexOf(entry), 1);
    }
    process.off('exit', abandonAll);
    if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be closed.');
  };

  return {
    add: (close, abandon) => entries.push({ close, abandon }),
    close: () => {
      closing ??= closeAll();
      return closing;
    },
  };
}
