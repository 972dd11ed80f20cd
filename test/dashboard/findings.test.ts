import { expect, test } from '@jest/globals';
import type { StatusAnswer } from '../../shared/http/contract/status.ts';
import { describeInChromium } from './browser.ts';
import { inMs, sampleClient, sampleRotation, sampleStatus, sampleSubscription, sampleTrouble } from './sample.ts';

const [minute, day] = [60_000, 86_400_000];
const failure = (reason: string, times = 3) => ({ on: inMs(-minute), reason, times });
const rotating = (changes: Parameters<typeof sampleRotation>[1]) =>
  sampleStatus({ subscriptions: [sampleSubscription('a', sampleRotation('idle', changes))] });
const keyed = (changes: Partial<StatusAnswer['subscriptions'][number]['key']>) => {
  const one = sampleSubscription('a');
  return sampleStatus({ subscriptions: [{ ...one, key: { ...one.key, ...changes } }] });
};
const secretEnding = (days: number, credential: 'secret' | 'certificate' = 'secret') =>
  sampleStatus({
    clients: [
      sampleClient('c', {
        credential,
        secret: { expiresOn: inMs(days * day + minute), daysLeft: Math.max(0, days), lastFailure: null },
      }),
    ],
  });
const token = (usableUntil: string | null) => {
  const one = sampleClient('c');
  const tokens = one.tokens.map((each) => ({ ...each, usableUntil, lastFailure: failure('entra-secret-wrong') }));
  return sampleStatus({ clients: [{ ...one, tokens }] });
};
const base = sampleStatus();

const notLoaded = {
  ready: false,
  signingKeys: false,
  apis: base.readiness.apis.map(({ name }) => ({ name, ready: false })),
};
const idle = sampleStatus({ readiness: notLoaded });
const failingKey = {
  ...sampleSubscription('b', null, { apis: ['payments'] }),
  key: { ...sampleSubscription('b').key, usableUntil: null, lastFailure: failure('vault-unavailable') },
};
const withoutHeaders = (subscriptions: StatusAnswer['subscriptions']) =>
  sampleStatus({
    readiness: { ready: true, signingKeys: true, apis: ['core', 'payments'].map((name) => ({ name, ready: false })) },
    subscriptions,
  });

const cases: readonly [what: string, status: StatusAnswer, found: readonly string[]][] = [
  ['all well', base, []],
  [
    'a rotation that is overdue',
    rotating({ overdue: true, lastFailure: failure('gateway-unknown') }),
    ['fault: the rotation is overdue: a gateway does not answer.'],
  ],
  [
    'a step that failed',
    rotating({ lastFailure: failure('gateway-unknown') }),
    ['warning: a step of the rotation could not be taken 3 times in a row: a gateway does not answer.'],
  ],
  [
    'a compromised key',
    rotating({ compromised: 'primary' }),
    ['fault: the primary key is compromised, and not regenerated yet.'],
  ],
  [
    'a rotation that waits for a person',
    rotating({ waitsForPerson: true }),
    ['warning: waits for a person: regenerate the key in the portal, and store it as the alternate secret.'],
  ],
  ['a pause', rotating({ paused: true }), ['note: the rotation is paused: no key is regenerated.']],
  [
    'a promise that has run out',
    rotating({ primary: { fingerprint: 'm2cXp_9sLqTz', promisedUntil: inMs(-minute) } }),
    ['warning: the active key’s promise has run out: the rotation timer does not seem to run.'],
  ],
  [
    'a retired slot’s promise that has run out',
    rotating({ secondary: { fingerprint: 'm2cXp_9sLqTz', promisedUntil: inMs(-minute) } }),
    [],
  ],
  [
    'a record that cannot be read',
    sampleStatus({ subscriptions: [sampleSubscription('a', null, { rotationProblem: 'record-corrupt' })] }),
    ['fault: nothing is rotated: its record cannot be read (the record is not one that this version can read).'],
  ],
  [
    'a record that there is not yet',
    sampleStatus({ subscriptions: [sampleSubscription('a', null, { rotationProblem: 'no-record' })] }),
    ['note: not rotated yet: the rotation timer has not made its record yet.'],
  ],
  [
    'a key that cannot be read, with one cached',
    keyed({ lastFailure: failure('vault-unavailable') }),
    ['warning: the key could not be read 3 times in a row: Key Vault does not answer. What is cached serves for now.'],
  ],
  [
    'a key that cannot be read, with none',
    keyed({ lastFailure: failure('vault-forbidden'), usableUntil: null }),
    ['fault: the key could not be read 3 times in a row: the broker’s identity may not read Key Vault.'],
  ],
  [
    'a key that cannot be read, with one that has ended',
    keyed({ lastFailure: failure('vault-forbidden'), usableUntil: inMs(-minute) }),
    ['fault: the key could not be read 3 times in a row: the broker’s identity may not read Key Vault.'],
  ],
  [
    'a token that cannot be had',
    token(null),
    ['fault: no token for api://apim-c-api/.default 3 times in a row: Entra refuses the client secret.'],
  ],
  [
    'a token that cannot be refreshed',
    token(inMs(30 * minute)),
    [
      'warning: no token for api://apim-c-api/.default 3 times in a row: Entra refuses the client secret. What is cached serves for now.',
    ],
  ],
  ['a client secret with 61 days', secretEnding(61), []],
  ['a client secret with 60 days', secretEnding(60), ['note: the client secret expires in 60 days: store a new one.']],
  [
    'a client secret with 30 days',
    secretEnding(30),
    ['warning: the client secret expires in 30 days: store a new one.'],
  ],
  ['a client secret with 7 days', secretEnding(7), ['warning: the client secret expires in 7 days: store a new one.']],
  ['a client secret with one day', secretEnding(1), ['fault: the client secret expires in 1 day: store a new one.']],
  ['a client secret that has expired', secretEnding(-1), ['fault: the client secret has expired.']],
  ['a certificate that has expired', secretEnding(-1, 'certificate'), ['fault: the certificate has expired.']],
  ['an instance that nobody has asked for anything', idle, []],
  [
    'signing keys that cannot be had',
    { ...idle, figures: { ...idle.figures, upstreamFailures: [0, 2, 0] } },
    ['fault: Callers cannot be told apart: Entra’s signing keys are not to be had.'],
  ],
  [
    'one API whose key cannot be had',
    withoutHeaders([sampleSubscription('a', null, { apis: ['core'] }), failingKey]),
    [
      'fault: No headers can be handed out for payments.',
      'fault: the key could not be read 3 times in a row: Key Vault does not answer.',
    ],
  ],
  [
    'no API whose key can be had',
    withoutHeaders([{ ...failingKey, apis: ['core', 'payments'] }]),
    [
      'fault: Nothing can be handed out: no API has a key and a token.',
      'fault: the key could not be read 3 times in a row: Key Vault does not answer.',
    ],
  ],
  [
    'a configuration that was refused',
    sampleStatus({
      configuration: { ...base.configuration, lastFailure: failure('misconfigured'), problems: ['a', 'b'] },
    }),
    ['warning: A newer configuration was not taken into use: 2 problems.'],
  ],
];

describeInChromium('the page tells of', (visit) => {
  test('each of what is not well or will not be, in its weight, and of nothing else', async () => {
    const page = await visit.open();
    const statuses = JSON.stringify(cases.map(([, status]) => status));
    const told = await page.evaluate<string[][]>(
      `import('/dashboard/findings.js').then(({ findingsOf }) =>
        ${statuses}.map((status) => findingsOf(status, Date.now()).map(({ weight, what }) => weight + ': ' + what)))`,
    );
    expect(cases.map(([what], index) => [what, told[index]])).toEqual(cases.map(([what, , found]) => [what, found]));
  });

  test('the most urgent first, and says in one sentence how things are', async () => {
    visit.broker.status = () => sampleTrouble();
    const page = await visit.open();
    await page.getByRole('heading', { name: '4 things are wrong, and 3 more need a look.' }).waitFor();
    await page.getByRole('button', { name: 'Show 1 more' }).click();
    const signs = await page.evaluate<string[]>(
      `Array.from(document.querySelectorAll('.findings > li > .sign'), (one) => one.getAttribute('aria-label'))`,
    );
    expect(signs).toEqual([...Array(4).fill('Wrong'), ...Array(3).fill('Needs a look'), ...Array(2).fill('Note')]);
    expect(await page.title()).toBe('(4) Token broker');
  });

  test('all being well, when it is', async () => {
    const page = await visit.open();
    await page.getByRole('heading', { name: 'All is well.' }).waitFor();
    expect(await page.title()).toBe('Token broker');
  });

  test('a subscription through a link that opens it', async () => {
    visit.broker.status = () => sampleTrouble();
    const page = await visit.open();
    await page.getByRole('link', { name: 'partner-loyalty' }).click();
    await page.locator('#detail-partner-loyalty').waitFor();
    expect(new URL(page.url()).hash).toBe('#subscription-partner-loyalty');
  });
});
