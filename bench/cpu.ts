/** Microseconds of the processor's time for each of so many runs, one after the other: what else the machine does counts less than on a clock. */
export async function measureCpu(times: number, run: (index: number) => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < times; index += 1) await run(index);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}
