import type { Clock } from './clock.ts';

/** In characters: what the broker takes of an API's answer. */
const most = 4_096;
/** How long is waited for it, in milliseconds: an answer that stands still must not keep the report from the broker. */
const patienceMs = 1_000;

/** Reads the beginning of an answer from a copy of it, so that the answer itself can still be returned. */
export function excerptOf(clock: Clock, response: Response): (signal: AbortSignal) => Promise<string> {
  return async (signal) => {
    const reader = response.clone().body?.getReader();
    if (!reader) return '';
    const cancel = (): void => void reader.cancel().catch(() => {});
    signal.addEventListener('abort', cancel);
    const cancelWait = clock.after(patienceMs, cancel);
    const decoder = new TextDecoder();
    let text = '';
    try {
      while (text.length < most) {
        const { done, value } = await reader.read();
        if (done) break;
        text += decoder.decode(value, { stream: true });
      }
    } catch {
      // An answer that breaks off is reported with what there was.
    } finally {
      cancelWait();
      signal.removeEventListener('abort', cancel);
      cancel();
    }
    return text.slice(0, most);
  };
}
