import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cli } from './cli.ts';
import { canaryToken, startScriptedBroker, startScriptedStack, type ScriptedBroker } from './scripted-broker.ts';
import { status } from './samples.ts';

let broker: ScriptedBroker;
let stack: ScriptedBroker;
beforeEach(async () => {
  broker = await startScriptedBroker();
  broker.answer('/v1/status', { body: status });
  stack = await startScriptedStack(broker.url);
});
afterEach(() => Promise.all([broker.close(), stack.close()]));

const token = () => broker.heard[0]?.headers.authorization;
const lastCaller = () => stack.heard.findLast(({ url }) => url === '/token')?.body;

describe('the local stack', () => {
  test('is asked where it is, and gives a token of platform', async () => {
    expect(await cli(['status', '--control', stack.url])).toMatchObject({ code: 0, stderr: '' });
    expect([token(), lastCaller()]).toEqual([`Bearer ${canaryToken}`, { caller: 'platform' }]);
  });

  test('gives another’s with --as', async () => {
    await cli(['status', '--control', stack.url, '--as', 'auditor']);
    expect(lastCaller()).toEqual({ caller: 'auditor' });
  });

  test('is signed in to as well where its broker is named by its URL, by whatever name this machine goes', async () => {
    for (const url of [broker.url, broker.url.replace('127.0.0.1', 'localhost')]) {
      expect((await cli(['status', '--url', url, '--control', stack.url])).code).toBe(0);
    }
    expect(token()).toBe(`Bearer ${canaryToken}`);
  });

  test('gives no token to a broker on another machine, nor to one that is not its own', async () => {
    const other = await startScriptedBroker();
    for (const url of [other.url, 'https://broker.example']) {
      const { code, stderr } = await cli(['status', '--url', url, '--control', stack.url]);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/Signing in needs the broker’s registration/)]);
    }
    expect(stack.heard.filter(({ url }) => url === '/token')).toEqual([]);
    expect((await cli(['status', '--url', 'https://broker.example', '--auth', 'local'])).stderr).toMatch(
      /Only a broker of the local stack/,
    );
    await other.close();
  });

  test('without a broker of its own wants one named', async () => {
    const alone = await startScriptedStack(undefined);
    const { code, stderr } = await cli(['status', '--control', alone.url]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/runs without a broker[^]*--url/)]);
    expect((await cli(['status', '--control', alone.url, '--url', broker.url])).code).toBe(0);
    await alone.close();
  });

  test('that is named and does not answer ends with 3 and says how to start one', async () => {
    await stack.close();
    const { code, stderr } = await cli(['status', '--control', stack.url]);
    expect([code, stderr]).toEqual([
      3,
      `broker: No local stack answers at ${stack.url}.\n  Start one with npm start, or name its control address with --control.\n`,
    ]);
    stack = await startScriptedStack(undefined);
  });

  test('says whom it knows when it does not know a name', async () => {
    stack.answer('/token', { status: 400, body: { error: 'caller: there is none of that name; there are platform' } });
    const { code, stderr } = await cli(['status', '--control', stack.url, '--as', 'nobody']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/no token to nobody: caller: there is none/)]);
  });
});

describe('a broker', () => {
  test('that is not named, with no stack, is asked for', async () => {
    // The customary control address may be in use by a stack of the developer's: nothing here asks it.
    const { code, stderr } = await cli(['status', '--auth', 'cli']);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/No broker was named[^]*--url[^]*BROKER_URL[^]*npm start/),
    ]);
  });

  test('is named by BROKER_URL, and --url goes before it', async () => {
    const environment = { BROKER_URL: 'https://127.0.0.1:1' };
    expect((await cli(['status', '--control', stack.url, '--url', `${broker.url}/`], { environment })).code).toBe(0);
    expect((await cli(['status', '--control', stack.url], { environment: { BROKER_URL: broker.url } })).code).toBe(0);
  });

  test.each([
    ['http://broker.example', /not sent to another machine over plain HTTP/],
    ['broker.example', /takes a URL/],
    ['https://me:secret@broker.example', /takes a URL/],
    ['https://broker.example?code=x', /takes a URL/],
  ])('at %s is not asked', async (url, told) => {
    const { code, stderr } = await cli(['status', '--url', url, '--audience', 'x']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(told)]);
    expect(stderr).not.toContain('secret@');
  });

  test.each([
    [['--local', '--auth', 'cli'], /contradict/],
    [['--auth', 'password'], /--auth takes cli, managed-identity or local/],
    [['--url', 'https://broker.example', '--auth', 'cli', '--audience', 'a b'], /--audience takes a client id/],
    [['--url', 'https://broker.example', '--as', 'auditor', '--audience', 'x'], /--as is for the local stack/],
    [['--control', 'http://elsewhere.example'], /plain HTTP/],
    [['--control', 'https://elsewhere.example'], /--control names an address of this machine/],
  ])('is not looked for with %j', async (args, told) => {
    const { code, stderr } = await cli(['status', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(told)]);
  });
});
