import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { chromiumPath, launchOptions } from '../../../scripts/screenshots/chromium.ts';
import { openFront, type Front } from './front.ts';
import { openHostileSite, type HostileSite } from './hostile-site.ts';
import { tools } from './tools.ts';

/** Chromium, in which an operator has signed in to the app, and sites of the attacker's. */
export type Browser = {
  readonly front: Front;
  readonly site: HostileSite;
  /** The app's origin, as the browser sees it. */
  readonly broker: string;
  /** The same attacker at two origins: on another site, and on a neighbour that the session's cookie goes to all the same. */
  readonly foreign: { readonly 'another site': string; readonly 'a sister site': string };
  /** Goes to an address, on the same page as before. */
  open(url: string): Promise<Page>;
  /** Closes every other page, and is signed in as at first. */
  tidy(): Promise<void>;
  signIn(cookie: string): Promise<void>;
  close(): Promise<void>;
};

/** Whether there is a Chromium. In CI there must be one. */
export const isBrowserThere = existsSync(chromiumPath) || process.env['CI'] !== undefined;

/** By default it shields cookies from pages of other sites. Whatever keeps those from us is to be our own doing. */
const preferences = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } };

/** @param cookie of somebody who has signed in, `name=value`. @param folder for its profile. */
export async function openBrowser(port: number, cookie: string, folder: string): Promise<Browser> {
  await mkdir(join(folder, 'Default'), { recursive: true });
  await writeFile(join(folder, 'Default', 'Preferences'), JSON.stringify(preferences));
  const [front, site, context] = await Promise.all([openFront(port, cookie), openHostileSite(), launch(folder)]);
  const broker = `http://127.0.0.1:${front.port}`;
  const signIn = (session: string) => context.addCookies([toCookie(session)]);
  await context.addInitScript(tools);
  let page = context.pages()[0] ?? (await context.newPage());
  await signIn(cookie);

  return {
    front,
    site,
    broker,
    foreign: { 'another site': `http://localhost:${site.port}`, 'a sister site': `http://127.0.0.1:${site.port}` },
    open: async (url) => {
      const goTo = () => page.goto(url, { waitUntil: 'domcontentloaded' });
      // It may still be on its way to where an attack has sent it.
      await goTo().catch(async () => {
        const left = page;
        page = await context.newPage();
        await left.close();
        await goTo();
      });
      return page;
    },
    tidy: async () => {
      const others = context.pages().filter((one) => one !== page);
      await Promise.all(others.map((one) => one.close()));
      await signIn(cookie);
    },
    signIn,
    close: async () => {
      await context.close();
      await Promise.all([front.close(), site.close()]);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Whatever the platform says of its cookie, and a browser makes of that: this one goes along with everything. */
function toCookie(session: string) {
  const [name = '', value = ''] = session.split('=');
  return { name, value, domain: '127.0.0.1', path: '/', httpOnly: true, secure: true, sameSite: 'None' } as const;
}

/** Pages that were left are kept as people's browsers keep them. */
async function launch(folder: string): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(folder, {
    ...launchOptions,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  context.setDefaultTimeout(20_000);
  return context;
}
