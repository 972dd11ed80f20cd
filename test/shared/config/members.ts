import { guid, resourceId } from './file.ts';

/** What a member of the file may and may not be. */
export type Member = {
  /** Without it the file is not valid. */
  readonly required?: true;
  readonly right: readonly unknown[];
  readonly wrong: readonly unknown[];
  /** The name of the entry that has it, where it is not the group's own. */
  readonly of?: string;
  /** What the remedy must speak of. */
  readonly remedy?: RegExp;
};

const notAnObject = [null, 1, 'x', true, []];
const notAText = [null, 1, true, {}, ['x']];
const guidMember: Member = {
  required: true,
  right: [guid.broker, guid.broker.toUpperCase()],
  wrong: [
    ...notAText,
    '',
    'x',
    `{${guid.broker}}`,
    `${guid.broker}0`,
    ` ${guid.broker}`,
    '*',
    guid.broker.replaceAll('-', ''),
  ],
  remedy: /GUID/,
};
const secretNameMember: Member = {
  right: ['a', 'Okq8-Core-1', 'x'.repeat(117)],
  wrong: [...notAText, '', 'a_b', 'a.b', 'a b', 'x'.repeat(118), 'https://vault/secrets/a', '*'],
  remedy: /name of a Key Vault secret/,
};
const urlMember: Member = {
  required: true,
  right: [
    'https://api.example.com',
    'https://api.example.com:8443/a/b/',
    'http://127.0.0.1:7080/core',
    'http://localhost/a',
  ],
  wrong: [
    ...notAText,
    '',
    'api.example.com',
    'http://api.example.com',
    'https://u:p@api.example.com',
    'https://*.example.com',
  ],
  remedy: /https URL/,
};
const durationMember = (least: string, most: string, below: string, above: string): Member => ({
  right: [least, most],
  wrong: [...notAText, '', '5', '5 m', '5M', '-5m', '1.5m', 'm', '05m', below, above],
  remedy: new RegExp(`90s, 5m or 30d.*${least} to ${most}`),
});
const perSecondMember: Member = {
  required: true,
  right: [0.01, 1, 10_000],
  wrong: [null, '5', {}, [], 0, -1, 0.009, 10_001],
  remedy: /from 0.01 to 10000/,
};
const burstMember: Member = {
  required: true,
  right: [1, 100_000],
  wrong: [null, '5', {}, [], 0, -1, 0.5, 100_001],
  remedy: /from 1 to 100000/,
};
const objectMember: Member = { right: [], wrong: notAnObject };
const groupMember = (of: RegExp): Member => ({ required: true, right: [], wrong: notAnObject, remedy: of });
const notAName = [...notAText, '', 'Core', '1core', 'core_1', 'a'.repeat(64), '*'];
const kinds = /"kind": "arm".*"kind": "developer-portal", "url".*"email".*"password".*"subscription".*"kind": "manual"/;
const listOf = (right: readonly unknown[]): Member => ({
  right: [right],
  wrong: [null, 1, 'core', {}, []],
  remedy: /list with at least one entry/,
});

/** Every member of `broker.config.json`, by its path; a group's names are written `<name>`, a list's entries `[]`. */
export const members: Readonly<Record<string, Member>> = {
  $schema: { right: ['./docs/broker-config.schema.json', ''], wrong: [null, 1, {}, []] },

  broker: { ...objectMember, required: true },
  'broker.tenantId': guidMember,
  'broker.audience': { ...guidMember, wrong: [...guidMember.wrong, 'api://token-broker'] },
  'broker.headerLifetime': durationMember('30s', '15m', '29s', '16m'),
  'broker.requestTimeout': { ...durationMember('1s', '30s', '999ms', '31s'), right: ['3s', '30s'] },
  'broker.upstreamTimeout': { ...durationMember('100ms', '20s', '99ms', '21s'), right: ['100ms', '5999ms'] },
  'broker.fingerprintKey': secretNameMember,
  'broker.maximumInstances': {
    right: [1, 10_000],
    wrong: [null, 0, 10_001, '', '100', true, {}, []],
    remedy: /number from 1 to 10000/,
  },
  'broker.rotationTerms': objectMember,
  'broker.rotationTerms.visibility': durationMember('100ms', '10m', '99ms', '11m'),
  'broker.rotationTerms.readAge': durationMember('100ms', '10m', '99ms', '11m'),
  // With the other terms of the full file no more than that.
  'broker.rotationTerms.clockSkew': { ...durationMember('1ms', '5m', '0ms', '6m'), right: ['1ms', '2m'] },
  'broker.rotationTerms.flight': durationMember('1ms', '10m', '0ms', '11m'),
  'broker.audit': objectMember,
  'broker.audit.sink': { right: ['log', 'table'], wrong: [...notAText, '', 'Log', 'none'], remedy: /"log" or "table"/ },
  'broker.audit.onFailure': {
    right: ['deny', 'log'],
    wrong: [...notAText, '', 'allow'],
    remedy: /"deny" or "log"/,
  },
  'broker.rateLimit': objectMember,
  'broker.rateLimit.perSecond': perSecondMember,
  'broker.rateLimit.burst': burstMember,

  apis: groupMember(/object: the apis/i),
  'apis.<name>': objectMember,
  'apis.<name>.baseUrl': urlMember,
  'apis.<name>.subscription': { required: true, right: ['okq8-core'], wrong: notAName },
  'apis.<name>.call': {
    right: [true, false],
    wrong: [null, 0, 1, '', 'true', 'no', {}, []],
    remedy: /true or false/,
  },
  'apis.<name>.oauth': objectMember,
  'apis.<name>.oauth.client': { required: true, right: ['okq8'], wrong: notAName },
  'apis.<name>.oauth.scope': {
    required: true,
    right: ['api://apim-x-api', 'api://apim/x', 'https://api.example.com', guid.broker],
    wrong: [
      ...notAText,
      '',
      'apim-x-api',
      'api://',
      'api://x/',
      'api://x/.default',
      'api://*',
      'api://x y',
      '.default',
    ],
    remedy: /api:\/\/apim-xxxxx-xxxxx-api/,
  },
  'apis.<name>.oauth.accessLevels': listOf(['get', 'post']),
  'apis.<name>.oauth.accessLevels[]': {
    right: ['.default', 'post', 'user_impersonation', 'Read.All', 'x'.repeat(64)],
    wrong: [...notAText, '', '*', 'a b', '/get', '1get', 'x'.repeat(65)],
    remedy: /access level/,
  },

  subscriptions: groupMember(/object: the api management/i),
  'subscriptions.<name>': objectMember,
  'subscriptions.<name>.secret': secretNameMember,
  'subscriptions.<name>.authority': {
    right: [
      { kind: 'manual' },
      { kind: 'arm', resourceId },
      {
        kind: 'developer-portal',
        url: 'https://other.example.com',
        email: 'a@b',
        password: 'other-password',
        subscription: 'x',
      },
    ],
    wrong: notAnObject,
    remedy: kinds,
  },
  'subscriptions.<name>.authority.kind': {
    required: true,
    right: ['arm'],
    wrong: [null, 1, '', 'ARM', 'portal', 'developer_portal'],
    remedy: kinds,
  },
  'subscriptions.<name>.authority.resourceId': {
    required: true,
    right: [resourceId, resourceId.replace('/okq8/', '/okq8/workspaces/team/')],
    wrong: [
      ...notAText,
      '',
      resourceId.slice(1),
      `${resourceId}/`,
      `${resourceId}/listSecrets`,
      resourceId.replace('Microsoft.ApiManagement', 'Microsoft.KeyVault'),
      resourceId.replace('/apis/', '//'),
    ],
    remedy: /\/subscriptions\/…\/resourceGroups/,
  },
  'subscriptions.<name>.authority.url': { ...urlMember, of: 'partner' },
  'subscriptions.<name>.authority.email': {
    of: 'partner',
    required: true,
    right: ['apis@example.com', 'first.last+apis@sub.example.com'],
    wrong: [...notAText, '', 'apis', '@example.com', 'apis@', 'a@b@c', 'a b@example.com', 'a:b@example.com', 'a@b\n'],
    remedy: /e-mail address.*such as apis@example\.com/,
  },
  'subscriptions.<name>.authority.password': { ...secretNameMember, of: 'partner', required: true },
  'subscriptions.<name>.authority.subscription': {
    of: 'partner',
    required: true,
    right: ['5f3c0d1e2b', 'okq8-payments_1.v2', 'x'.repeat(256)],
    wrong: [...notAText, '', '.', '..', 'a/b', '../b', 'a b', 'a?b', 'a%2Fb', 'å', 'x'.repeat(257), 'a\n'],
    remedy: /id at the portal, which is not its name: letters, digits/,
  },
  'subscriptions.<name>.probe': objectMember,
  'subscriptions.<name>.probe.url': urlMember,
  'subscriptions.<name>.probe.gateways': {
    ...listOf(['https://one.example.com', 'http://127.0.0.1:7081']),
    required: true,
  },
  'subscriptions.<name>.probe.gateways[]': { right: urlMember.right, wrong: urlMember.wrong, remedy: /https URL/ },
  'subscriptions.<name>.rotation': objectMember,
  'subscriptions.<name>.rotation.every': { ...durationMember('10s', '365d', '9s', '366d'), required: true },
  'subscriptions.<name>.rotation.settle': durationMember('1s', '1d', '999ms', '25h'),
  'subscriptions.<name>.rotation.promise': durationMember('10s', '7d', '9s', '8d'),
  // The shortest that the terms of the full file allow.
  'subscriptions.<name>.rotation.drain': { ...durationMember('1s', '7d', '999ms', '8d'), right: ['6m', '7d'] },
  'subscriptions.<name>.rotation.windows': listOf(['Sat,Sun 22:00-04:00 UTC', 'Wed 00:00-23:59 Asia/Tokyo']),
  'subscriptions.<name>.rotation.windows[]': {
    right: ['Mon-Fri 02:00-05:00 Europe/Stockholm', 'Fri-Mon,Wed 22:00-04:00 UTC'],
    wrong: [
      ...notAText,
      '',
      '*',
      'Mon-Fri 02:00-05:00',
      'mon 02:00-05:00 UTC',
      'Mon 2:00-5:00 UTC',
      'Mon 02:00-02:00 UTC',
      'Mon 02:00-24:00 UTC',
      'Mon 02:00-05:00 Mars/Olympus',
      '0 0 2 * * 1-5',
    ],
    remedy: /IANA time zone, such as "Mon-Fri 02:00-05:00 Europe\/Stockholm"/,
  },
  'subscriptions.<name>.rotation.paused': {
    right: [true, false],
    wrong: [null, 0, 1, '', 'true', 'no', {}, []],
    remedy: /true or false/,
  },

  clients: { right: [], wrong: notAnObject, remedy: /object: the broker/i },
  'clients.<name>': objectMember,
  'clients.<name>.tenantId': guidMember,
  'clients.<name>.clientId': guidMember,
  'clients.<name>.credential': { ...objectMember, required: true },
  'clients.<name>.credential.secret': secretNameMember,
  'clients.<name>.credential.certificate': { ...secretNameMember, of: 'certified' },
  'clients.<name>.credential.federated': { of: 'trusted', right: ['managed-identity'], wrong: [...notAText, '', 'x'] },

  callers: groupMember(/object: the internal services/i),
  'callers.<name>': objectMember,
  'callers.<name>.clientId': guidMember,
  'callers.<name>.objectId': guidMember,
  'callers.<name>.apis': { ...listOf(['core']), required: true },
  'callers.<name>.apis[]': { right: ['core'], wrong: notAName },
  'callers.<name>.call': {
    right: [true, false],
    wrong: [null, 0, 1, '', 'true', 'no', {}, []],
    remedy: /true or false/,
  },
  'callers.<name>.headers': {
    right: [true, false],
    wrong: [null, 0, 1, '', 'true', 'no', {}, []],
    remedy: /true or false/,
  },
  'callers.<name>.rateLimit': objectMember,
  'callers.<name>.rateLimit.perSecond': perSecondMember,
  'callers.<name>.rateLimit.burst': burstMember,
};
