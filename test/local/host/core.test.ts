import { describe, expect, test } from '@jest/globals';
import { createCore } from '../../../local/host/core.ts';

const metadata = { name: 'One', bindings: {} };

function setUp() {
  const lines: string[] = [];
  const core = createCore(
    (level, category, source, message) => void lines.push(`${level} ${category} ${source} ${message}`),
  );
  return { core, lines };
}

describe('registration', () => {
  test('takes a function once, whatever the case of its name', () => {
    const { core } = setUp();
    core.module.registerFunction(metadata, () => undefined);
    expect(() => core.module.registerFunction({ ...metadata, name: 'oNE' }, () => undefined)).toThrow(
      'two functions named "oNE"',
    );
  });

  test('can be undone and repeated until the app has started, and not after', () => {
    const { core } = setUp();
    core.module.registerFunction(metadata, () => undefined).dispose();
    const registered = core.module.registerFunction(metadata, () => undefined);
    core.lock();
    expect(() => core.module.registerFunction({ ...metadata, name: 'Two' }, () => undefined)).toThrow(
      'only while the app starts',
    );
    expect(() => registered.dispose()).toThrow('only while the app starts');
    expect(core.functions().map((one) => one.metadata.name)).toEqual(['One']);
  });

  test('refuses a hook that there is not, with the mark by which the library knows it', () => {
    const { core } = setUp();
    expect(() => core.module.registerHook('toString', () => undefined)).toThrow(
      expect.objectContaining({ name: 'RangeError', isAzureFunctionsSystemError: true }),
    );
  });
});

describe('hooks', () => {
  test('run one after another, and no longer once disposed of', async () => {
    const { core } = setUp();
    const ran: string[] = [];
    core.module.registerHook('appStart', async () => {
      await Promise.resolve();
      ran.push('first');
    });
    const second = core.module.registerHook('appStart', () => ran.push('second'));
    core.module.registerHook('appStart', () => ran.push('third'));
    second.dispose();
    await core.runHooks('appStart', {});
    expect(ran).toEqual(['first', 'third']);
  });

  test('of the log change the lines of the app, and not those of the system', () => {
    const { core, lines } = setUp();
    core.module.registerHook('log', (context) => Object.assign(context, { message: 'changed', level: 'error' }));
    core.module.log('debug', 'user', 'mine');
    core.module.log('debug', 'system', 'theirs');
    expect(lines).toEqual(['error user app changed', 'debug system app theirs']);
  });

  test('of the log that fail do not keep a line from being written', () => {
    const { core, lines } = setUp();
    core.module.registerHook('log', () => {
      throw new Error('as asked');
    });
    core.module.log('debug', 'user', 'mine');
    expect(lines).toEqual(['debug user app mine']);
  });
});
