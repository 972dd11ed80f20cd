import type { Page } from 'playwright-core';
import type { AuditRecord } from '../../../shared/telemetry/audit.ts';
import { bearer, type Siege } from '../attack.ts';
import type { Scene } from '../scene.ts';
import type { Browser } from './browser.ts';
import type { Behaviour } from './front.ts';

/** One page on which something is tried, in the browser of somebody who may steer. */
type Visit = { readonly page: Page; readonly browser: Browser };

/** What a page tries. */
export type PageAttack = {
  readonly name: string;
  /** Where the page stands. */
  readonly url: (browser: Browser) => string;
  /** @returns what was won by it, if anything. */
  readonly carryOut: (visit: Visit) => Promise<unknown>;
  /** All that the app was asked and how it answered, as the front notes it; absent where the dashboard itself is opened. */
  readonly asked?: readonly string[];
  readonly behaviour?: (browser: Browser) => Behaviour;
};

const steeringActions = /^rotation\.(?!read)/;

/**
 * Carries it out, and holds it to all that must be so of each: nothing won, nothing asked but what is answered so, nothing steered, no frame, nothing
 * told to the attacker’s site.
 */
export function toSiege({ name, url, carryOut, asked, behaviour }: PageAttack): Siege {
  return [
    name,
    async (at) => {
      const browser = await at.browser();
      const before = await readRotation(at);
      const known = (await at.signedIn.records()).length;
      browser.front.begin(behaviour?.(browser));
      browser.site.begin();
      try {
        const page = await browser.open(url(browser));
        const won = await carryOut({ page, browser });
        const seen = await browser.front.asked(asked?.length ?? 0);
        const records = (await at.signedIn.records()).slice(known);
        return [
          ...(won === undefined || won === '' ? [] : [`won: ${JSON.stringify(won)}`]),
          ...(asked === undefined ? [] : compare(seen, asked)),
          ...findSteered(records),
          ...findFrames(page, browser),
          ...browser.site.asked().map((what) => `the attacker’s site was asked: ${what}`),
          ...((await readRotation(at)) === before ? [] : ['the rotation has been steered']),
        ];
      } finally {
        await browser.tidy();
      }
    },
  ];
}

/** What there is of a rotation that steering changes. */
async function readRotation({ signedIn, token }: Scene): Promise<string> {
  const { body } = await signedIn.ask(bearer(token('auditor'), '/v1/rotations/okq8-core'));
  const { rotation, history } = JSON.parse(body);
  return JSON.stringify([rotation.state, rotation.generation, rotation.paused, rotation.compromised, history]);
}

function compare(seen: readonly string[], asked: readonly string[]): string[] {
  const [is, due] = [seen.toSorted().join('; '), asked.toSorted().join('; ')];
  return is === due ? [] : [`asked: ${is || 'nothing'}, in place of: ${due || 'nothing'}`];
}

function findSteered(records: readonly AuditRecord[]): string[] {
  return records
    .filter(({ action, outcome }) => steeringActions.test(action) && outcome !== 'refused')
    .map(({ action, outcome }) => `${action} is on record as ${outcome}`);
}

function findFrames(page: Page, { broker }: Browser): string[] {
  const frames = page.frames().filter((frame) => frame.parentFrame() && frame.url().startsWith(`${broker}/dashboard`));
  return frames.map((frame) => `in a frame: ${frame.url()}`);
}
