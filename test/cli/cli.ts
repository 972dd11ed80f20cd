import { systemClock, type Clock } from '../../shared/clock.ts';
import type { Outside } from '../../cli/outside.ts';
import { run } from '../../cli/run.ts';

/** How a command line is run in a test. */
export type Setting = {
  environment?: Record<string, string>;
  /** What is answered to each question; a person is there where it is given. */
  answers?: string[];
  input?: string;
  clock?: Clock;
  /** Of stdout; no terminal where it is absent. */
  terminal?: { columns: number; rows: number };
  interrupted?: AbortSignal;
  readerGone?: AbortSignal;
};

export type Ran = { code: number; stdout: string; stderr: string };

/** Runs a command line in this process. */
export async function cli(args: readonly string[], setting: Setting = {}): Promise<Ran> {
  const { outside, printed } = createOutside(setting);
  const code = await run(args, outside);
  return { code, ...printed() };
}

/** A process of which a test decides all. */
export function createOutside(setting: Setting = {}): { outside: Outside; printed: () => Omit<Ran, 'code'> } {
  const { environment = {}, answers, input = '', clock = systemClock, terminal } = setting;
  const never = new AbortController().signal;
  let [stdout, stderr] = ['', ''];
  const outside: Outside = {
    environment,
    clock,
    out: { write: (text) => void (stdout += text), isTerminal: terminal !== undefined, size: () => terminal },
    err: { write: (text) => void (stderr += text), isTerminal: false, size: () => undefined },
    canAsk: answers !== undefined,
    ask: async (question) => {
      stderr += question;
      return answers?.shift() ?? '';
    },
    readInput: async () => input,
    interrupted: setting.interrupted ?? never,
    readerGone: setting.readerGone ?? never,
    setEnvironment: (values) => void Object.assign(environment, values),
  };
  return { outside, printed: () => ({ stdout, stderr }) };
}
