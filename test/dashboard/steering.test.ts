import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInChromium, renew } from './browser.ts';
import { sampleRotation, sampleStatus, sampleSteering, sampleSubscription } from './sample.ts';

const draining = () =>
  sampleStatus({ subscriptions: [sampleSubscription('okq8-core', sampleRotation('draining-primary'))] });
const problem = {
  title: 'Not as things stand',
  detail: 'Look at the state, and ask again.',
  code: 'conflict',
  requestId: '5c0d3f5e-7c1b-4a57-9d27-0f2b1a0f9c11',
};
const nameOfFocused = (page: Page) =>
  page.evaluate<string>(`document.activeElement.getAttribute('name') ?? document.activeElement.textContent.trim()`);

/** Goes on with the Tab key until something is reached. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if ((await nameOfFocused(page)) === name) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`The Tab key does not lead to "${name}".`);
}

describeInChromium('steering', (visit) => {
  test('is done by keyboard alone, with a reason, and gives the focus back', async () => {
    const { broker } = visit;
    broker.status = draining;
    const page = await visit.open();
    await page.locator('.history li').first().waitFor();
    await tabTo(page, 'Pause');
    await page.keyboard.press('Enter');
    expect(await nameOfFocused(page)).toBe('reason');
    await page.keyboard.type('Change 4711');
    await tabTo(page, 'Pause');
    await page.keyboard.press('Enter');
    await page.getByText('Pause, okq8-core: done.').waitFor();
    expect(broker.steered).toEqual([
      {
        path: '/v1/rotations/okq8-core/pause',
        key: expect.stringMatching(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/),
        contentType: 'application/json',
        body: { reason: 'Change 4711' },
      },
    ]);
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await nameOfFocused(page)).toBe('Pause');
  });

  test('ends with Escape: nothing is sent, and the focus goes back', async () => {
    visit.broker.status = draining;
    const page = await visit.open();
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('dialog', { name: 'Roll back the rotation of okq8-core?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await nameOfFocused(page)).toBe('Roll back');
    expect(visit.broker.steered).toEqual([]);
  });

  test('keeps the focus inside the dialog', async () => {
    visit.broker.status = draining;
    const page = await visit.open();
    await page.getByRole('button', { name: 'Pause' }).click();
    for (let presses = 0; presses < 8; presses += 1) {
      await page.keyboard.press('Tab');
      // Past the last there is the browser itself, and then the first again.
      expect(
        await page.evaluate(
          `document.activeElement.closest('dialog') !== null || document.activeElement === document.body`,
        ),
      ).toBe(true);
    }
  });

  test('sends nothing without a reason, and says what is missing', async () => {
    visit.broker.status = draining;
    const page = await visit.open();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.keyboard.type('   ');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Say why').waitFor();
    expect(await page.getByLabel('Why').getAttribute('aria-invalid')).toBe('true');
    expect(await nameOfFocused(page)).toBe('reason');
    expect(visit.broker.steered).toEqual([]);
  });

  test('declares an emergency only after the outage is stated and the name typed', async () => {
    visit.broker.status = draining;
    visit.broker.steering = () => ({
      status: 200,
      body: sampleSteering('emergency', { outage: 'Header sets fail for 300 s.' }),
    });
    const page = await visit.open();
    await page.getByRole('button', { name: 'Emergency' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('header sets that carry the secondary key fail before their expiresOn').waitFor();
    await dialog.getByLabel('Why').fill('Key in a mail');
    await dialog.getByLabel('Type okq8-core to confirm').fill('okq8-cor');
    await page.keyboard.press('Enter');
    await dialog.getByText('Type the subscription’s name, okq8-core, to confirm.').waitFor();
    expect(visit.broker.steered).toEqual([]);
    await dialog.getByLabel('Type okq8-core to confirm').fill('okq8-core');
    await page.keyboard.press('Enter');
    await page.getByText('Header sets fail for 300 s.').waitFor();
    expect(visit.broker.steered).toMatchObject([
      { path: '/v1/rotations/okq8-core/emergency', body: { reason: 'Key in a mail', confirm: 'okq8-core' } },
    ]);
  });

  test('says in words why the broker refuses, keeps what was typed, and sends the same wish under the same key', async () => {
    const { broker } = visit;
    broker.status = draining;
    broker.steering = () => ({ status: 409, body: problem });
    const page = await visit.open();
    await page.getByRole('button', { name: 'Pause' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Why').fill('Change 4711');
    await page.keyboard.press('Enter');
    await dialog
      .getByText(`Not as things stand. Look at the state, and ask again. (409, request ${problem.requestId})`)
      .waitFor();
    expect(await dialog.getByLabel('Why').inputValue()).toBe('Change 4711');
    broker.steering = () => ({ status: 200, body: sampleSteering('pause', { replayed: true }) });
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('had been carried out already').waitFor();
    const [first, second] = broker.steered;
    expect(second).toEqual(first);
  });

  test('sends another wish under another key', async () => {
    const { broker } = visit;
    broker.status = draining;
    broker.steering = () => ({ status: 409, body: problem });
    const page = await visit.open();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByLabel('Why').fill('one');
    await page.keyboard.press('Enter');
    await page.getByText('Not as things stand').waitFor();
    broker.steering = () => ({ status: 200, body: sampleSteering('pause') });
    await page.getByLabel('Why').fill('two');
    await page.keyboard.press('Enter');
    await page.getByText('okq8-core: done.').waitFor();
    const [first, second] = broker.steered;
    expect(second?.key).not.toBe(first?.key);
  });

  test('sends once, however often the button is pressed', async () => {
    const { broker } = visit;
    broker.status = draining;
    const held = Promise.withResolvers<void>();
    broker.steering = async () => {
      await held.promise;
      return { status: 200, body: sampleSteering('pause') };
    };
    const page = await visit.open();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByLabel('Why').fill('x');
    for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press('Enter');
    held.resolve();
    await page.getByText('okq8-core: done.').waitFor();
    expect(broker.steered).toHaveLength(1);
  });

  test('is open to a renewal: what is typed stays', async () => {
    visit.broker.status = draining;
    const page = await visit.open({ withClock: true });
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.keyboard.type('Change');
    await renew(page);
    await page.keyboard.type(' 4711');
    expect(await page.getByLabel('Why').inputValue()).toBe('Change 4711');
  });

  test.each([
    ['idle', {}, ['Start a cycle', 'Pause', 'Emergency']],
    ['settling-secondary', {}, ['Pause', 'Emergency']],
    ['draining-primary', { paused: true }, ['Resume', 'Roll back', 'Emergency']],
    ['draining-primary', { compromised: 'primary' }, ['Pause']],
  ] as const)('is offered as the state allows, and what is not says why: %s %j', async (state, changes, offered) => {
    const rotation = sampleRotation(state, changes);
    visit.broker.status = () => sampleStatus({ subscriptions: [sampleSubscription('okq8-core', rotation)] });
    const page = await visit.open();
    const buttons = await page.getByRole('group', { name: 'Steer okq8-core' }).getByRole('button').all();
    const disabled = await Promise.all(buttons.map((button) => button.getAttribute('aria-disabled')));
    const names = await Promise.all(buttons.map((button) => button.textContent()));
    expect(names.filter((_name, index) => disabled[index] === null)).toEqual(offered);
    for (const button of buttons) {
      const why = await button.getAttribute('aria-describedby');
      const isOffered = (await button.getAttribute('aria-disabled')) === null;
      expect(why === null).toBe(isOffered);
      if (isOffered) continue;
      expect(await page.locator(`#${why}`).textContent()).toMatch(/\.$/);
      await button.click({ force: true });
    }
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});
