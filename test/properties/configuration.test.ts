import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseJson } from '../../shared/config/parse.ts';
import { ConfigError } from '../../shared/config/problem.ts';
import { readSettings, type Settings } from '../../shared/config/settings.ts';
import { isBlobUrl, isHttpsOrigin, isSafeUrl } from '../../shared/config/url.ts';
import { validateConfig } from '../../shared/config/validate.ts';
import { isWithin, parseWindow } from '../../shared/config/windows.ts';
import { fullFile } from '../shared/config/file.ts';
import { anyText, few, json, madeOf, moment, some } from './arbitraries.ts';

describe('the text of a configuration', () => {
  test('is read as JSON reads it', () => {
    fc.assert(
      fc.property(json, fc.nat(4), (value, indent) => {
        expect(parseJson(JSON.stringify(value, undefined, indent))).toEqual({ value, problems: [] });
      }),
      some,
    );
  });

  test('means the same whatever comments, blanks and escapes are in it', () => {
    const between = fc.constantFrom('', ' ', '\r\n\t', '/* } */', '// "a": {\n', '/**/ // x\r\n');
    const lines = JSON.stringify(fullFile(), undefined, 1).split('\n');
    const expected = validateConfig(lines.join(''), 'the file');
    fc.assert(
      fc.property(fc.array(between, { minLength: 9, maxLength: 9 }), fc.boolean(), (parts, isEscaped) => {
        const text = lines.map((line, at) => `${isEscaped ? escape(line) : line}${parts[at % parts.length] ?? ''}`);
        expect(validateConfig(text.join('\n'), 'the file')).toEqual(expected);
      }),
      few,
    );
  });

  test('is read, or refused with every problem at a place and with a remedy', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyText, madeOf('{', '}', '[', ']', ':', ',', '"a"', '"__proto__"', '1', 'null', '//', '/*')),
        (text) => {
          const { problems } = parseJson(text);
          expect(problems.filter(({ path, remedy }) => path === '' || remedy === '')).toEqual([]);
        },
      ),
      some,
    );
  });
});

/** A name's first letter as an escape. */
function escape(line: string): string {
  return line.replace(/"([a-z])(?=\w*":)/, (_, letter: string) => `"\\u00${letter.charCodeAt(0).toString(16)}`);
}

describe('a window', () => {
  const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
  const minute = fc.nat(1_439);
  const toText = (minutes: number) =>
    [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
  const range = fc.tuple(fc.nat(6), fc.nat(6));
  const written = fc
    .tuple(fc.array(range, { minLength: 1, maxLength: 3 }), minute, minute)
    .filter(([, from, to]) => from !== to);
  const daysOf = ([first, last]: readonly [number, number]) =>
    dayNames.flatMap((_, day) => ((day - first + 7) % 7 <= (last - first + 7) % 7 ? [day] : []));

  test('is read as it was written', () => {
    fc.assert(
      fc.property(
        written,
        fc.constantFrom('UTC', 'Europe/Stockholm', 'Asia/Kathmandu'),
        ([ranges, from, to], timeZone) => {
          const days = ranges.map(([first, last]) => `${dayNames[first]}-${dayNames[last]}`).join(',');
          const window = parseWindow(`${days} ${toText(from)}-${toText(to)} ${timeZone}`);
          expect(window).toEqual({ days: new Set(ranges.flatMap(daysOf)), from, to, timeZone });
        },
      ),
      some,
    );
  });

  test('is open from its first minute on the days that it names, past midnight too, and closed at its last', () => {
    fc.assert(
      fc.property(written, moment, ([ranges, from, to], at) => {
        const days = new Set(ranges.flatMap(daysOf));
        const sinceMidnight = Math.floor((at % 86_400_000) / 60_000);
        const length = (to - from + 1_440) % 1_440;
        const sinceOpening = (sinceMidnight - from + 1_440) % 1_440;
        const openedOn = new Date(at - sinceOpening * 60_000).getUTCDay();
        const isOpen = sinceOpening < length && days.has(openedOn);
        expect(isWithin({ days, from, to, timeZone: 'UTC' }, at)).toBe(isOpen);
      }),
      { numRuns: 300 },
    );
  });

  test('is none where it is anything else', () => {
    fc.assert(
      fc.property(
        madeOf('Mon', 'Fri', '-', ',', ' ', '02:00', '24:00', '5:00', '05:60', 'UTC', '\n', 'No/Where'),
        (text) => {
          const window = parseWindow(text);
          if (!window) return;
          expect(text).toMatch(/^[\w,-]+ \d\d:\d\d-\d\d:\d\d UTC$/);
          expect([window.from < 1_440, window.to < 1_440, window.from !== window.to]).toEqual([true, true, true]);
        },
      ),
      some,
    );
  });
});

const needed = { KEY_VAULT_URL: 'https://vault.example', ROTATION_SCHEDULE: '0 * * * * *' };

/** The settings, or which of them are refused, and what is said of them. */
function read(environment: Readonly<Record<string, string>>): { settings?: Settings; refused: string[]; told: string } {
  try {
    return { settings: readSettings({ ...needed, ...environment }), refused: [], told: '' };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { refused: error.problems.map(({ path }) => path), told: error.message };
  }
}

describe('app settings', () => {
  const port = fc.option(fc.integer({ min: 1, max: 65_535 }).filter((number) => number !== 443));
  const origin = fc
    .tuple(fc.domain(), port)
    .map(([host, number]) => `https://${host}${number === null ? '' : `:${number}`}`);

  test('have their addresses read as they were written, without a slash at their end', () => {
    fc.assert(
      fc.property(origin, origin, fc.constantFrom('', '/'), (vault, host, slash) => {
        const environment = {
          KEY_VAULT_URL: vault + slash,
          AZURE_AUTHORITY_HOST: host + slash,
          TABLE_SERVICE_URL: vault + slash,
        };
        const expected = { keyVaultUrl: vault, authorityHost: host, tableServiceUrl: vault };
        expect(read(environment).settings).toMatchObject(expected);
      }),
      some,
    );
  });

  test('are taken, or refused by name and never quoted', () => {
    const odd = madeOf(
      'https://',
      'http://',
      'a.example',
      '127.0.0.1',
      '@',
      '/',
      'x',
      '?sv=CANARYsas',
      '#',
      '\\',
      ' ',
      ':443',
      '*',
    );
    const name = fc.constantFrom('KEY_VAULT_URL', 'AZURE_AUTHORITY_HOST', 'TABLE_SERVICE_URL', 'BROKER_CONFIG');
    fc.assert(
      fc.property(name, odd, (setting, value) => {
        const { settings, refused, told } = read({ [setting]: value });
        expect(refused).toEqual(settings ? [] : [setting]);
        expect(told).not.toContain('CANARY');
      }),
      some,
    );
  });
});

test('an address that credentials may travel to names a host alone, over TLS unless it is this machine', () => {
  const scheme = fc.constantFrom('https://', 'http://', 'HTTPS:/', '');
  const host = fc.constantFrom('a.example', 'localhost', '[::1]', '127.0.0.1', 'é.example');
  const within = madeOf('u', '@', '/', '.', '%40', '?', '#', '\\', '\t', ':1', '*');
  const odd = fc
    .tuple(
      scheme,
      fc.oneof(fc.constantFrom('', 'u@', 'u:p@'), within),
      host,
      fc.oneof(fc.constantFrom('', '/a', '?b', '#c'), within),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(odd, fc.webUrl({ withQueryParameters: true, withFragments: true })), (text) => {
      if (!isSafeUrl(text) && !isHttpsOrigin(text) && !isBlobUrl(text)) return;
      const { protocol, hostname, username, password, search, hash } = new URL(text);
      expect([username, password, search, hash]).toEqual(['', '', '', '']);
      const isHere = /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
      expect(protocol === 'https:' || isHere).toBe(true);
    }),
    { numRuns: 400 },
  );
});
