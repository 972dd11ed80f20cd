import type { Outside } from '../outside.ts';

/** Asks whether to go on; nothing but yes is a yes. */
export async function confirmed(outside: Pick<Outside, 'ask'>): Promise<boolean> {
  return /^y(es)?$/i.test((await outside.ask('Go on? [y/N] ')).trim());
}
