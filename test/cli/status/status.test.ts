import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cli } from '../cli.ts';
import { at, status, withRotation } from '../samples.ts';
import { startScriptedBroker, startScriptedStack, type ScriptedBroker } from '../scripted-broker.ts';

let broker: ScriptedBroker;
let stack: ScriptedBroker;
beforeAll(async () => {
  broker = await startScriptedBroker();
  stack = await startScriptedStack(broker.url);
});
afterAll(() => Promise.all([broker.close(), stack.close()]));

const ask = (body: object, args: string[] = [], setting: Parameters<typeof cli>[1] = {}) => {
  broker.answer('/v1/status', { body });
  return cli(['status', '--control', stack.url, ...args], setting);
};

describe('broker status', () => {
  test('says first whether all is well, then how everything stands', async () => {
    const { code, stdout } = await ask(status);
    expect(code).toBe(0);
    expect(stdout).toBe(`All is well.

  SUBSCRIPTION   STATE        GENERATION  ACTIVE   NEXT                            KEY
  okq8-core      not rotated           4  primary  -                               for 5 min
  okq8-payments  idle                  4  primary  regenerating-secondary in 27 d  for 5 min

  CLIENT  SECRET            SCOPE                                  REFRESH    TOKEN
  okq8    expires in 200 d  api://apim-okq8-payments-api/.default  in 25 min  for 55 min

  CALLER     ALLOWED  REFUSED  FAILED  LAST ASKED
  billing         12        1       0  4 s ago
  reporting        0        0       0  never

  12 handed out in the last 2 min, 1 refused or failed, 90 % from the cache, 0 loads failed
  instance 7c1f2a3b, up 3 h; configuration f00dfeedf00d of a file, loaded 3 h ago; 2026-11-24 03:00:00Z
`);
  });

  test('ends with 1 where there is a fault, and with 0 for a warning', async () => {
    expect(await ask(withRotation({ compromised: 'primary' }))).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /^Not well: 1 fault\.\n {2}fault {4}okq8-payments {2}the primary key is compromised/,
      ),
    });
    expect(await ask(withRotation({ overdue: true }))).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Well so far/),
    });
  });

  test('shows the problems of a configuration that was refused', async () => {
    const lastFailure = { on: at(-60), reason: 'misconfigured', times: 1 };
    const configuration = {
      ...status.configuration,
      lastFailure,
      problems: ['apis.core.baseUrl is missing. Write a URL.'],
    };
    expect((await ask({ ...status, configuration })).stdout).toContain(
      '  apis.core.baseUrl is missing. Write a URL.\n',
    );
  });

  test('with --json prints the broker’s answer as it is', async () => {
    const { code, stdout, stderr } = await ask(withRotation({ compromised: 'primary' }), ['--json']);
    expect({ code, stderr, lines: stdout.split('\n').length }).toEqual({ code: 1, stderr: '', lines: 2 });
    expect(JSON.parse(stdout)).toEqual(withRotation({ compromised: 'primary' }));
  });

  test('asks for it once, with a token and as JSON', async () => {
    broker.heard.length = 0;
    await ask(status);
    expect(broker.heard).toMatchObject([
      {
        method: 'GET',
        url: '/v1/status',
        headers: { accept: 'application/json', authorization: expect.stringMatching(/^Bearer /) },
      },
    ]);
  });
});

describe('colour', () => {
  const terminal = { columns: 100, rows: 40 };
  test.each<[string, boolean, string[], Parameters<typeof cli>[1]]>([
    ['is there on a terminal', true, [], { terminal }],
    ['is not there where stdout is none', false, [], {}],
    ['is not there with NO_COLOR', false, [], { terminal, environment: { NO_COLOR: '1' } }],
    ['is there with an empty NO_COLOR, which says nothing', true, [], { terminal, environment: { NO_COLOR: '' } }],
    ['is not there with --no-color', false, ['--no-color'], { terminal }],
    ['is not there on a dumb terminal', false, [], { terminal, environment: { TERM: 'dumb' } }],
    ['is not there with --json', false, ['--json'], { terminal }],
  ])('%s', async (_, isThere, args, setting) => {
    expect((await ask(status, args, setting)).stdout.includes('\x1b[')).toBe(isThere);
  });
});

test('a name from the broker cannot make the terminal obey, in text or in JSON', async () => {
  const hostile = withRotation({ state: 'idle\x1b[2J\x9b\u202e' });
  expect((await ask(hostile)).stdout).toContain('idle\uFFFD[2J\uFFFD\uFFFD');
  const { stdout } = await ask(hostile, ['--json']);
  for (const obeyed of ['\x1b', '\x9b', '\u202e']) expect(stdout).not.toContain(obeyed);
  expect(JSON.parse(stdout)).toEqual(hostile);
});
