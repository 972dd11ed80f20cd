import type { Clock } from './clock.ts';
import type { HeaderSets } from './header-sets.ts';
import { excerptOf } from './excerpt.ts';
import type { Fetch } from './options.ts';
import { redirected, type Call } from './redirect.ts';
import { canReplay } from './replay.ts';
import { targetOf } from './target.ts';

type Dependencies = {
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly headerSets: Pick<HeaderSets, 'current' | 'replacementOf'>;
};

/** Of one origin to itself. What goes further is returned as it is. */
const mostRedirects = 10;

/**
 * Calls an API with the headers of the current set. What the API refuses with 401 is reported, and sent once more where that can be done;
 * every other answer is returned as it is.
 */
export function createCalls({ clock, fetch, headerSets }: Dependencies) {
  return async (headersPath: string, path: string, init: RequestInit = {}): Promise<Response> => {
    const { signal, redirect = 'follow' } = init;
    let set = await headerSets.current(headersPath, signal);
    // Read once: they may be an iterator, which is gone then.
    let call: Call = { url: targetOf(set.baseUrl, path), init: { ...init, headers: new Headers(init.headers) } };
    let mayRepeat = true;
    for (let redirects = 0; ;) {
      const headers = new Headers(call.init.headers);
      for (const [name, value] of Object.entries(set.headers)) headers.set(name, value);
      // Followed by ourselves, so that the headers go to no other origin.
      const response = await fetch(call.url, {
        ...call.init,
        headers,
        redirect: redirect === 'error' ? redirect : 'manual',
      });

      if (response.status === 401 && mayRepeat) {
        mayRepeat = false;
        const next = await headerSets.replacementOf(headersPath, set, excerptOf(clock, response), signal);
        if (!next || !canReplay(call.init.body)) return response;
        set = next;
      } else {
        const further = redirect === 'follow' && redirects < mostRedirects ? redirected(call, response) : undefined;
        if (!further) return response;
        call = further;
        redirects += 1;
      }
      // Nobody reads it any more. Not awaited: what a copy of it still reads ends by itself.
      response.body?.cancel().catch(() => {});
    }
  };
}
