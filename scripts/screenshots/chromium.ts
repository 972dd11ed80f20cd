import axe from 'axe-core';
import type { LaunchOptions, Page } from 'playwright-core';

export const chromiumPath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
export const chromiumAdvice = `There is no Chromium at ${chromiumPath}. Install it (apt-get install chromium), or name one with CHROMIUM_PATH.`;

/** It sends nothing of its own accord. */
export const launchOptions: LaunchOptions = {
  executablePath: chromiumPath,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** Notes what a page must not do: ask another origin for anything, throw, or break its own content security policy. */
export function watch(page: Page, origin: string, complaints: string[]): void {
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) complaints.push(`asked ${request.url()}`);
  });
  page.on('pageerror', ({ message }) => complaints.push(`threw ${message}`));
  page.on('console', (message) => {
    // What the broker refuses is noted by the browser, too.
    const isRefusal = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text());
  });
}

const runAxe = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target.join(' ') + ': ' + failureSummary)))`;

/** What axe finds against a page as it is now. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate<string[]>(runAxe);
}
