import { describe, expect, test } from '@jest/globals';
import { rotationAnswer } from '../../shared/http/contract/rotation.ts';
import { statusAnswer } from '../../shared/http/contract/status.ts';
import { violationsOf } from '../../scripts/screenshots/chromium.ts';
import { describeInChromium, renew } from './browser.ts';
import {
  inMs,
  sampleHistory,
  sampleRotation,
  sampleStatus,
  sampleSubscription,
  sampleTrouble,
  states,
  type State,
} from './sample.ts';

const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 390].map((width) => ({ colorScheme, width, options: { colorScheme, viewport: { width, height: 900 } } })),
);

const statusIn = (state: State) =>
  sampleStatus({ subscriptions: [sampleSubscription('okq8-core', sampleRotation(state))] });

describe('the samples', () => {
  test('are answers that the contract allows', () => {
    expect(() => statusAnswer.parse(sampleStatus())).not.toThrow();
    expect(() => statusAnswer.parse(sampleTrouble())).not.toThrow();
    for (const state of states) {
      const rotation = sampleRotation(state);
      const answer = { subscription: 'core', rotation, problem: null, history: sampleHistory(state) };
      expect(() => rotationAnswer.parse(answer)).not.toThrow();
    }
  });
});

describeInChromium('the dashboard', (visit) => {
  test.each(looks)('can be used by everyone, dialogs too: $colorScheme, $width px', async ({ options }) => {
    visit.broker.status = () => sampleTrouble();
    const page = await visit.open(options);
    const closed = page.locator('.line[aria-expanded=false]');
    while ((await closed.count()) > 0) await closed.first().click();
    await page.getByRole('button', { name: 'Show 1 more' }).click();
    expect(await violationsOf(page)).toEqual([]);

    await page.getByRole('button', { name: 'Emergency' }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Emergency' }).click();
    await page.getByRole('alert').getByText('Say why').waitFor();
    expect(await violationsOf(page)).toEqual([]);
  });

  test.each(looks)('never scrolls sideways: $colorScheme, $width px', async ({ options }) => {
    visit.broker.status = () => sampleTrouble();
    const page = await visit.open(options);
    const closed = page.locator('.line[aria-expanded=false]');
    while ((await closed.count()) > 0) await closed.first().click();
    const [content, window] = await page.evaluate<[number, number]>(
      '[document.documentElement.scrollWidth, innerWidth]',
    );
    expect(content).toBe(window);
  });

  test.each(states)('shows where a rotation stands, as a picture, in words and in the plan: %s', async (state) => {
    visit.broker.status = () => statusIn(state);
    visit.broker.history = () => sampleHistory(state);
    const page = await visit.open({ hash: '#subscription-okq8-core' });
    const words =
      state === 'idle' ? 'At rest' : state.replace('-', ' ').replace(/^./, (letter) => letter.toUpperCase());
    await expectText(page.locator('.line .state'), words);
    await expectText(page.locator('.plan [aria-current=step] th'), words);
    expect(await page.locator('svg.cycle').getAttribute('aria-label')).toContain(`“${words}”`);
    expect(await page.locator('.node.here').count()).toBe(1);
    const active = sampleRotation(state).activeSlot;
    await expectText(page.locator('.slot.active .name'), active);
    await expectText(page.locator(`.slot-card.${active} .tag`), 'handed out');
  });

  test('shows a plan that leaves the usual order as it is', async () => {
    const plan = ['draining-secondary', 'publishing-secondary', 'draining-primary', 'idle'].map((state, index) => ({
      state,
      notBefore: inMs(index * 60_000),
    }));
    const rotation = sampleRotation('draining-secondary', { compromised: 'primary', plan });
    visit.broker.status = () => sampleStatus({ subscriptions: [sampleSubscription('okq8-core', rotation)] });
    const page = await visit.open();
    const rows = await page.locator('.plan tbody th').allTextContents();
    expect(rows).toEqual(['Draining secondary', 'Publishing secondary', 'Draining primary', 'At rest']);
  });

  test('does not move what is on it while a rotation goes through every state', async () => {
    let state: State = 'idle';
    visit.broker.status = () => statusIn(state);
    visit.broker.history = () => sampleHistory('draining-secondary');
    const page = await visit.open({ withClock: true, viewport: { width: 390, height: 844 } });
    await page.locator('.history li').nth(8).waitFor();
    // One past midnight is longer by its date, and may wrap: which are, depends on the hour at which this runs.
    await page.evaluate(
      `(() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync('time { display: inline-block; width: 4em; height: 1em; overflow: hidden; white-space: nowrap }');
        document.adoptedStyleSheets = [sheet];
      })()`,
    );
    const placesOf = () =>
      page.evaluate<number[]>(
        `Array.from(document.querySelectorAll('.line, .slot-card, .buttons, .plan, h4, #clients'), (one) => Math.round(one.getBoundingClientRect().top))`,
      );
    const before = await placesOf();
    expect(before.length).toBeGreaterThan(8);
    for (state of states) {
      await renew(page);
      await page.locator('svg.cycle[aria-label*="' + sampleWords(state) + '"]').waitFor();
      expect(await placesOf()).toEqual(before);
    }
  });

  test('asks for nothing but its own files and the two routes', async () => {
    const page = await visit.open();
    await page.locator('.history li').first().waitFor();
    const others = visit.broker.asked.filter((one) => !/^GET \/dashboard(\/[a-z]+\.(js|css|svg))?$/.test(one));
    expect(new Set(others)).toEqual(new Set(['GET /v1/status', 'GET /v1/rotations/okq8-core']));
  });
});

const sampleWords = (state: State) => (state === 'idle' ? 'At rest' : state.split('-')[1]);

async function expectText(locator: { textContent(): Promise<string | null> }, text: string): Promise<void> {
  expect((await locator.textContent())?.trim()).toBe(text);
}
