import { expect, test } from '@jest/globals';
import { violationsOf } from '../../scripts/screenshots/chromium.ts';
import { describeInChromium, renew } from './browser.ts';
import { sampleRotation, sampleStatus, sampleSubscription } from './sample.ts';

const statusRequests = (asked: readonly string[]) => asked.filter((one) => one === 'GET /v1/status').length;
const broken = { status: 503, body: { title: 'Not to be had just now', detail: 'Try again.', requestId: 'r-1' } };

describeInChromium('the dashboard renews itself', (visit) => {
  test('every five seconds, in place', async () => {
    const page = await visit.open({ withClock: true });
    const line = page.locator('.line').nth(1);
    await page.evaluate(`document.querySelectorAll('.line')[1].marked = true`);
    const state = sampleRotation('publishing-secondary');
    visit.broker.status = () =>
      sampleStatus({ subscriptions: [sampleSubscription('okq8-core'), sampleSubscription('okq8-payments', state)] });
    await renew(page);
    await line.getByText('Publishing secondary').waitFor();
    expect(await page.evaluate(`document.querySelectorAll('.line')[1].marked`)).toBe(true);
  });

  test('and keeps the focus, the scroll position and what was typed', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `sub-${index}`);
    visit.broker.status = () => sampleStatus({ subscriptions: names.map((name) => sampleSubscription(name)) });
    const page = await visit.open({ withClock: true, viewport: { width: 390, height: 700 } });
    await page.getByLabel('Find').fill('sub');
    const line = page.getByRole('button', { name: 'sub-7' });
    await line.focus();
    await page.evaluate('scrollTo(0, 900)');
    await renew(page);
    await page.getByText('12 subscriptions').waitFor();
    expect(await page.evaluate<string>(`document.activeElement.closest('li').id`)).toBe('subscription-sub-7');
    expect(await page.evaluate('scrollY')).toBe(900);
    expect(await page.getByLabel('Find').inputValue()).toBe('sub');
  });

  test('not while nobody looks, and at once when somebody does', async () => {
    const page = await visit.open({ withClock: true });
    const hide = (hidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`,
      );
    await hide(true);
    const before = statusRequests(visit.broker.asked);
    await page.clock.runFor(600_000);
    expect(statusRequests(visit.broker.asked)).toBe(before);
    const answered = page.waitForResponse('**/v1/status');
    await hide(false);
    await answered;
  });

  test('ever more seldom while the broker fails; says since when it is not up to date, and why; and goes on', async () => {
    const { broker } = visit;
    const page = await visit.open({ withClock: true });
    broker.status = () => broken;
    const waits: number[] = [];
    for (let renewals = 0; renewals < 6; renewals += 1) waits.push(await renew(page));
    for (const [index, least] of [5, 5, 10, 20, 30, 30].entries())
      expect(waits[index]).toBeGreaterThanOrEqual(least - 1);
    expect(Math.max(...waits)).toBeLessThan(60);
    await page.clock.runFor(1_000);
    const notice = page
      .getByRole('status')
      .getByText(
        /Not up to date since \d\d:\d\d:\d\d\. Not to be had just now\. Try again\. \(503, request r-1\) Trying again\./,
      );
    await notice.waitFor();
    await page
      .locator('#freshness')
      .getByText(/As of \d+ min ago/)
      .waitFor();
    expect(await page.locator('.line').count()).toBe(3);
    expect(await violationsOf(page)).toEqual([]);
    broker.status = () => sampleStatus();
    await page.getByRole('button', { name: 'Try now' }).click();
    await notice.waitFor({ state: 'detached' });
    await page.locator('#freshness').getByText('Up to date').waitFor();
  });

  test('without a word where a single request fails', async () => {
    const page = await visit.open({ withClock: true });
    visit.broker.status = () => broken;
    await renew(page);
    await page.clock.runFor(1_000);
    expect(await page.locator('#notice').textContent()).toBe('');
  });

  test('and reads a changed verdict out, once', async () => {
    const page = await visit.open({ withClock: true });
    await page.evaluate(
      `window.said = []; new MutationObserver(() => said.push(document.querySelector('#announcer').textContent)).observe(document.querySelector('#announcer'), { childList: true, subtree: true, characterData: true })`,
    );
    await renew(page);
    expect(await page.evaluate('said')).toEqual([]);
    const rotation = sampleRotation('idle', { overdue: true });
    visit.broker.status = () => sampleStatus({ subscriptions: [sampleSubscription('okq8-core', rotation)] });
    for (let renewals = 0; renewals < 3; renewals += 1) await renew(page);
    await page.getByRole('heading', { name: '1 thing is wrong.' }).waitFor();
    expect(await page.evaluate('said')).toEqual(['1 thing is wrong.']);
  });

  test('and counts down by the broker’s clock, not by this machine’s', async () => {
    const ahead = 3 * 3_600_000;
    const now = Date.now() + ahead;
    visit.broker.status = () =>
      sampleStatus(
        { subscriptions: [sampleSubscription('okq8-core', sampleRotation('draining-primary', {}, now), {}, now)] },
        now,
      );
    const page = await visit.open();
    await page
      .locator('.line .next')
      .getByText(/in 5 h 59 min|in 6 h/)
      .waitFor();
  });

  test('and reads a history again only when the rotation has gone on', async () => {
    const { broker } = visit;
    const page = await visit.open({ withClock: true });
    await page.locator('.history li').first().waitFor();
    const reads = () => broker.asked.filter((one) => one === 'GET /v1/rotations/okq8-core').length;
    await renew(page);
    expect(reads()).toBe(1);
    broker.status = () =>
      sampleStatus({ subscriptions: [sampleSubscription('okq8-core', sampleRotation('regenerating-primary'))] });
    const read = page.waitForResponse('**/v1/rotations/okq8-core');
    await renew(page);
    await read;
    expect(reads()).toBe(2);
  });
});

describeInChromium('a thousand subscriptions', (visit) => {
  test('stay usable: one line each, found by name, and shown in whole only where opened', async () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `sub-${String(index).padStart(4, '0')}`);
    visit.broker.status = () => sampleStatus({ subscriptions: names.map((name) => sampleSubscription(name)) });
    const page = await visit.open();
    expect(await page.locator('.line').count()).toBe(1_000);
    expect(await page.locator('.detail').count()).toBe(1);
    await page.getByLabel('Find').fill('sub-0777');
    await page.getByText('2 of 1000').waitFor();
    await page.getByRole('button', { name: 'sub-0777' }).click();
    await page.locator('#detail-sub-0777 .history li').first().waitFor();
    expect(visit.broker.asked.filter((one) => one.startsWith('GET /v1/rotations/'))).toHaveLength(2);
  });
});
