/** What the broker's process keeps, as `probe.ts` prints it; `atMs` is monotonic. */
export type Weight = {
  readonly atMs: number;
  /** Bytes in use. */
  readonly heap: number;
  /** Bytes of it that are compiled code. */
  readonly code: number;
  /** Bytes of buffers, which are outside of it. */
  readonly external: number;
  /** What keeps the process alive, by kind. */
  readonly handles: Readonly<Record<string, number>>;
  /** The longest that its event loop was late since the weight before. */
  readonly lagMs: number;
};

/** Reads a line of the broker's process. `undefined` for any other line. */
export function readWeight(line: string, atMs: number): Weight | undefined {
  const prefix = 'soak-weight ';
  if (!line.startsWith(prefix)) return undefined;
  const weight: Omit<Weight, 'atMs'> = JSON.parse(line.slice(prefix.length));
  return { ...weight, atMs };
}

/** Sockets among the handles, listening ones excluded. */
export function socketsOf({ handles }: Weight): number {
  return (handles['TCPSocketWrap'] ?? 0) + (handles['TLSWrap'] ?? 0);
}

export function handlesOf({ handles }: Weight): number {
  return Object.values(handles).reduce((sum, count) => sum + count, 0);
}
