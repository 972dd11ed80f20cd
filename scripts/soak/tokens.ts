import { callers } from '../../local/sample.ts';
import type { Control } from '../demo/calls.ts';
import { badTokens } from './requests.ts';

/** What requests are made with, good tokens and bad ones, by name. */
export type Tokens = {
  readonly of: (name: string) => string;
  /** Gets new ones. */
  readonly renew: () => Promise<void>;
};

export async function createTokens(control: Pick<Control, 'mint'>): Promise<Tokens> {
  const specs = [...Object.keys(callers).map((caller) => [caller, { caller }] as const), ...Object.entries(badTokens)];
  const tokens = new Map<string, string>();
  const renew = async (): Promise<void> => {
    for (const [name, spec] of specs) tokens.set(name, await control.mint(spec));
  };
  await renew();
  return { of: (name) => tokens.get(name) ?? '', renew };
}
