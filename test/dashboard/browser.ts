import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest } from '@jest/globals';
import { chromium, type Browser, type BrowserContextOptions, type Page, type Request } from 'playwright-core';
import { chromiumAdvice, chromiumPath, launchOptions, watch } from '../../scripts/screenshots/chromium.ts';
import { serveDashboard, type Broker } from './serve.ts';

const isThere = existsSync(chromiumPath);

export type Visit = {
  /** A new one for each test. */
  readonly broker: Broker;
  /** Opens the dashboard, and waits until it shows something of the broker's. */
  open(options?: BrowserContextOptions & { hash?: string; withClock?: boolean }): Promise<Page>;
  /** Opens a path of the broker's, whatever comes of it. */
  goTo(path: string, options?: BrowserContextOptions): Promise<Page>;
};

/**
 * Tests in Chromium. None may ask another origin for anything, break the page's content security policy, or throw. Where there is no Chromium they
 * fail in CI, and are left out elsewhere with a sentence that says so.
 */
export function describeInChromium(name: string, tests: (visit: Visit) => void): void {
  const isLeftOut = !isThere && process.env['CI'] === undefined;
  if (isLeftOut) process.stderr.write(`Left out: ${name}. ${chromiumAdvice}\n`);
  const run = isLeftOut ? describe.skip : describe;
  // A machine that is busy with other tests takes its time over a browser.
  jest.setTimeout(120_000);
  run(name, () => {
    let browser: Browser;
    let broker: Broker;
    let complaints: string[] = [];

    beforeAll(async () => {
      if (!isThere) throw new Error(chromiumAdvice);
      browser = await chromium.launch(launchOptions);
    });
    afterAll(() => browser?.close());
    beforeEach(async () => {
      complaints = [];
      broker = await serveDashboard();
    });
    afterEach(async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
      await broker.close();
      expect(complaints).toEqual([]);
    });

    const newPage = async (options: BrowserContextOptions): Promise<Page> => {
      const context = await browser.newContext({ reducedMotion: 'reduce', timezoneId: 'Europe/Stockholm', ...options });
      context.setDefaultTimeout(100_000);
      const page = await context.newPage();
      watch(page, broker.url, complaints);
      return page;
    };

    tests({
      get broker() {
        return broker;
      },
      open: async ({ hash = '', withClock = false, ...options } = {}) => {
        const page = await newPage(options);
        if (withClock) await page.clock.install();
        await page.goto(`${broker.url}/dashboard${hash}`);
        await page.getByRole('heading', { level: 2 }).first().waitFor();
        return page;
      },
      goTo: async (path, options = {}) => {
        const page = await newPage(options);
        await page.goto(`${broker.url}${path}`);
        return page;
      },
    });
  });
}

/** Lets the page's clock go on, second by second, until the page has asked for the status again and has its answer. Resolves with the seconds. */
export async function renew(page: Page): Promise<number> {
  const isStatus = (request: Request) => request.url().endsWith('/v1/status');
  const asked = page.waitForRequest(isStatus).then(() => 'asked' as const);
  const answered = page.waitForEvent('requestfinished', isStatus);
  for (let seconds = 1; ; seconds += 1) {
    const step = page.clock.runFor(1_000);
    const outcome = await Promise.race([asked, step]);
    await step;
    if (outcome !== 'asked') continue;
    await answered;
    return seconds;
  }
}
