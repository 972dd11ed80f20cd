import { expect, test } from '@jest/globals';
import { violationsOf } from '../../scripts/screenshots/chromium.ts';
import { describeInChromium, renew } from './browser.ts';
import { inMs, sampleRotation, sampleStatus, sampleSubscription } from './sample.ts';

const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

describeInChromium('somebody', (visit) => {
  test('who is not signed in is sent to sign in, and back from there', async () => {
    visit.broker.refusal = 'token-missing';
    const page = await visit.goTo('/dashboard');
    expect(page.url()).toBe(`${visit.broker.url}/.auth/login/aad?post_login_redirect_uri=/dashboard`);
  });

  test.each(['light', 'dark'] as const)('without the app role reads why on a page: %s', async (colorScheme) => {
    visit.broker.refusal = 'role-missing';
    const page = await visit.goTo('/dashboard', { colorScheme, viewport: { width: 390, height: 844 } });
    await page.getByRole('heading', { name: 'You are signed in, but may not look in here' }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });

  test('who may only look sees all, and steers nothing', async () => {
    visit.broker.status = () => sampleStatus({ operator: { mayWrite: false } });
    const page = await visit.open();
    const buttons = page.getByRole('group', { name: 'Steer okq8-core' }).getByRole('button');
    expect(await buttons.count()).toBe(4);
    for (const button of await buttons.all()) {
      expect(await button.getAttribute('aria-disabled')).toBe('true');
      await button.click({ force: true });
    }
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.getByText('You may look, and not steer: that takes the app role Operations.Write.').first().waitFor();
    expect(await violationsOf(page)).toEqual([]);
  });

  test('whose session ends is told so, keeps what was shown, and can sign in again', async () => {
    const page = await visit.open({ withClock: true });
    visit.broker.status = () => ({ status: 401, body: { title: 'No access token', code: 'missing-token' } });
    await renew(page);
    const again = page.getByRole('status').getByRole('link', { name: 'Sign in again' });
    await again.waitFor();
    expect(await again.getAttribute('href')).toBe('/.auth/login/aad?post_login_redirect_uri=/dashboard');
    expect(await page.locator('.line').count()).toBe(3);
    expect(await violationsOf(page)).toEqual([]);
  });

  test('who has signed in again elsewhere sees the page go on', async () => {
    const page = await visit.open({ withClock: true });
    visit.broker.status = () => ({ status: 401, body: {} });
    await renew(page);
    await page.getByText('You are signed out.').waitFor();
    visit.broker.status = () => sampleStatus();
    await renew(page);
    await page.getByText('You are signed out.').waitFor({ state: 'detached' });
  });

  test('who is refused the data by the broker reads its words', async () => {
    const { broker } = visit;
    broker.status = () => ({
      status: 500,
      body: { title: 'The broker failed', detail: 'Tell the platform team.', requestId: 'r-1' },
    });
    const page = await visit.goTo('/dashboard');
    await page.getByText('The broker failed. Tell the platform team. (500, request r-1) Trying again.').waitFor();
    expect(await violationsOf(page)).toEqual([]);
  });
});

describeInChromium('a text from the broker', (visit) => {
  test('is shown as it is, wherever it stands, and is never markup', async () => {
    const failure = { on: inMs(-1_000), reason: hostile, times: 2 };
    const rotation = sampleRotation('idle', {
      lastFailure: failure,
      state: hostile,
      plan: [{ state: hostile, notBefore: inMs(0) }],
    });
    const base = sampleStatus();
    visit.broker.status = () => ({
      ...base,
      instance: { ...base.instance, name: hostile },
      configuration: { ...base.configuration, lastFailure: failure, problems: [hostile] },
      readiness: { ...base.readiness, apis: [{ name: hostile, ready: false }] },
      subscriptions: [sampleSubscription('okq8-core', rotation, { apis: [hostile] })],
      clients: base.clients.map((one) => ({
        ...one,
        name: hostile,
        tokens: one.tokens.map((token) => ({ ...token, scope: hostile, lastFailure: failure })),
      })),
      callers: [{ name: hostile, apis: [hostile], handOuts: { allowed: 1, refused: 0, failed: 0 }, lastOn: null }],
    });
    visit.broker.history = () => [
      {
        on: inMs(-1_000),
        from: hostile,
        to: hostile,
        event: hostile,
        generation: 1,
        by: hostile,
        statedReason: hostile,
      },
    ];
    const page = await visit.open();
    await page.locator('.history li').first().waitFor();
    expect(await page.locator('img[src=x], main script').count()).toBe(0);
    expect(await page.title()).not.toContain('owned');
    expect(await page.getByText(hostile).count()).toBeGreaterThan(8);
  });

  test('that is of another form than this page knows does not leave it blank', async () => {
    const page = await visit.open({ withClock: true });
    // The page says so on its console as well.
    page.removeAllListeners('console');
    visit.broker.status = () => ({ status: 200, body: { generatedOn: inMs(0), subscriptions: 'none' } });
    for (let renewals = 0; renewals < 3; renewals += 1) await renew(page);
    await page.clock.runFor(1_000);
    await page.getByText('Load the page again: the broker may be newer than it.').waitFor();
    expect(await page.locator('.line').count()).toBe(3);
  });
});
