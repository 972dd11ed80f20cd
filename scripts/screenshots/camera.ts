import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import type { Cleanup } from '../../local/stack/cleanup.ts';
import { launchOptions, violationsOf, watch } from './chromium.ts';

const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 390].map((width) => ({ colorScheme, viewport: { width, height: 900 } })),
);

/** Looks at the dashboard in each width and colour scheme. */
export type Camera = {
  /** The page by which a person would steer. */
  readonly page: Page;
  /** Takes a picture of each look once the page shows `state` for the subscription, and has axe look at it too. */
  take(subscription: string, state: string): Promise<void>;
  /** What is against the pages: violations, requests to another origin, errors. */
  complaints(): readonly string[];
  taken(): number;
};

/** Signs in at the broker, as App Service authentication is played there, and opens the dashboard. */
export async function openCamera(broker: string, out: string, cleanup: Cleanup): Promise<Camera> {
  await mkdir(out, { recursive: true });
  const browser = await chromium.launch(launchOptions);
  cleanup.add(() => browser.close());
  const complaints: string[] = [];
  let taken = 0;
  const pages = await Promise.all(
    looks.map(async (look) => {
      const context = await browser.newContext({ ...look, reducedMotion: 'reduce' });
      const page = await context.newPage();
      watch(page, broker, complaints);
      await page.goto(`${broker}/.auth/login/aad?post_login_redirect_uri=/dashboard`);
      await page.getByRole('heading', { name: 'Subscriptions' }).waitFor();
      return { ...look, page };
    }),
  );
  const [first] = pages;
  if (!first) throw new RangeError('There is nothing to look at.');
  return {
    page: first.page,
    take: async (subscription, state) => {
      for (const { page, colorScheme, viewport } of pages) {
        const line = page.locator(`#subscription-${subscription}`);
        // What is not looked at does not renew itself.
        await page.bringToFront();
        if ((await line.locator('.detail').count()) === 0) await line.locator('.line').click();
        if (state !== 'now') await line.locator(`svg.cycle[data-state="${state}"]`).waitFor();
        const path = join(out, `${state}-${viewport.width}-${colorScheme}.png`);
        await page.screenshot({ path, fullPage: true });
        taken += 1;
        complaints.push(...(await violationsOf(page)).map((found) => `${state}, ${colorScheme}: ${found}`));
      }
    },
    complaints: () => complaints,
    taken: () => taken,
  };
}
