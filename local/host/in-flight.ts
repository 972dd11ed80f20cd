/** Counts what is under way, so that a stop can wait for it. */
export type InFlight = {
  /** Returns what to call, once, when it is over. */
  begin(): () => void;
  count(): number;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
};

export function createInFlight(): InFlight {
  let count = 0;
  let waiting: (() => void)[] = [];

  const end = (): void => {
    count -= 1;
    if (count > 0) return;
    const resolved = waiting;
    waiting = [];
    for (const resolve of resolved) resolve();
  };

  return {
    begin: () => {
      count += 1;
      return end;
    },
    count: () => count,
    idle: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve))),
  };
}
