import type { Config } from '../../shared/config/config.ts';
import { startBrokerOnStack, type BrokerOnStack } from '../support/broker-on-stack.ts';
import { serveBroker } from '../support/serve-broker.ts';
import { followClock } from './follow-clock.ts';

/** The whole app on the whole stack, asked over a socket. */
export type FaultScene = {
  readonly on: BrokerOnStack;
  /** `GET /v1/headers/{api}` over a socket. */
  ask(api: string, token: string): Promise<Answer>;
  /** What nobody caught since this was last asked for. */
  takeUncaught(): readonly string[];
  /** Adds a rule to the fault table of the stack. */
  fault(rule: object): Promise<unknown>;
  /** Sets the broker's clock ahead of that of everybody else, or behind it; 0 sets it right. */
  setAhead(ms: number): Promise<void>;
  /** For what has processes of its own, whose time is real. */
  inRealTime<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string };

export async function openFaultScene(): Promise<FaultScene> {
  const on = await startBrokerOnStack({ storage: true });
  const served = await serveBroker(on);
  let restoreDate = followClock(on.clock);
  const uncaught: string[] = [];
  const note = (error: unknown) => void uncaught.push(error instanceof Error ? error.name : typeof error);
  process.on('unhandledRejection', note);
  let aheadMs = 0;

  return {
    on,
    ask: async (api, token) => {
      const response = await fetch(`${served.url}/v1/headers/${api}`, {
        headers: { Authorization: `Bearer ${token}` },
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    takeUncaught: () => uncaught.splice(0),
    fault: (rule) => on.steer('/faults', 'POST', rule),
    setAhead: async (ms) => {
      on.clock.setWall(on.clock.wall() + ms - aheadMs);
      aheadMs = ms;
      await on.steer('/clock', 'POST', ms < 0 ? { ahead: `${-ms}ms` } : { behind: `${ms}ms` });
    },
    inRealTime: async (work) => {
      restoreDate();
      try {
        return await work();
      } finally {
        restoreDate = followClock(on.clock);
      }
    },
    close: async () => {
      process.off('unhandledRejection', note);
      restoreDate();
      await served.close();
      await on.close();
    },
  };
}

/** The trail in a table, without which nothing leaves. */
export function withTable(config: Config): Config {
  return { ...config, broker: { ...config.broker, audit: { sink: 'table', onFailure: 'deny' } } };
}
