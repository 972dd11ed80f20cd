import { BrokerError } from '../errors.ts';
import type { ApiName } from '../names.ts';

/** The calls that an instance has under way, so that an API that hangs takes neither its memory nor its time from others. */
export type CallPlaces = {
  /** @param call names the call, to whoever leaves. @throws {BrokerError} `calls-crowded` when there is no place left. */
  enter(call: object, api: ApiName): void;
  /** Does nothing for a call that has no place. */
  leave(call: object): void;
};

/**
 * Of one API, and of all. A call may hold 4 MB that were sent and 4 MB that were answered, and one of the requests that the platform gives an
 * instance at a time (`httpConcurrency` of `infra/`, 100): the rest is for whoever asks for headers.
 */
const [mostOfApi, mostInAll] = [32, 64];
const retryAfterMs = 1_000;

export function createCallPlaces(): CallPlaces {
  const taken = new Map<object, ApiName>();
  const countOf = (api: ApiName) => Array.from(taken.values()).filter((each) => each === api).length;
  return {
    enter: (call, api) => {
      if (taken.size >= mostInAll || countOf(api) >= mostOfApi)
        throw new BrokerError('calls-crowded', { retryAfterMs });
      taken.set(call, api);
    },
    leave: (call) => void taken.delete(call),
  };
}
