import type * as z from 'zod/mini';
import type { problem } from '../../shared/http/contract/headers.ts';
import { Failure } from '../failure.ts';
import { printable } from '../text/printable.ts';
import type { Ask, Received } from './request.ts';

type Problem = z.output<typeof problem>;

/** What was asked of whom, for the words of a refusal. */
export type Asked = { readonly url: string; readonly auth: 'local' | 'cli' | 'managed-identity'; readonly ask: Ask };

/** Says what an answer other than 200 means, and what to do. */
export function refusal(received: Received, told: Problem | undefined, asked: Asked): Failure {
  const { status, headers } = received;
  if (status >= 300 && status < 400) return redirected(headers, asked);
  const facts = { status, ...(told && { code: told.code, requestId: told.requestId }) };
  const wait = headers.get('Retry-After');
  const later = /^\d{1,6}$/.test(wait ?? '') ? `Try again in ${wait} s.` : 'Try again later.';
  // Only the broker says 404 with a problem document.
  if (!told && status !== 401 && status !== 403 && status !== 429 && status < 500) return noBroker(asked);
  const detail = printable(told?.detail ?? '');
  switch (status) {
    case 401:
      return new Failure(3, `The broker at ${asked.url} does not accept this sign-in.`, signInAdvice(asked), facts);
    case 403:
      return new Failure(4, forbidden(asked), roleAdvice(asked), facts);
    case 404:
      return notFound(asked, detail, facts);
    case 429:
      return new Failure(3, 'The broker has been asked too often.', [later], facts);
    case 502:
      return new Failure(
        3,
        'Something that the broker needs refuses it.',
        [detail, 'broker doctor finds out what.'],
        facts,
      );
    case 503:
      return new Failure(
        3,
        'The broker cannot answer just now.',
        [detail, later, 'broker doctor finds out why.'].filter(Boolean),
        facts,
      );
  }
  if (status >= 500) return new Failure(3, `The broker failed (${status}).`, [detail].filter(Boolean), facts);
  const refused = status === 409 ? 'The broker refuses this as things stand.' : 'The broker refuses this.';
  return new Failure(1, refused, [detail].filter(Boolean), facts);
}

/** Something answers there, and it is no broker, or an older one. */
export function noBroker({ url, ask }: Asked): Failure {
  return new Failure(3, `What answers at ${url}${ask.path} is not the broker.`, [
    'See that the URL is that of the Functions app, without a path, and that nothing in between answers in its place.',
  ]);
}

function redirected(headers: Headers, { url }: Asked): Failure {
  const location = headers.get('Location') ?? '';
  const host = URL.canParse(location, url) ? new URL(location, url).host : '';
  if (/(^|\.)(microsoftonline\.(com|us|cn)|login\.windows\.net)$/.test(host) || location.includes('/.auth/')) {
    return new Failure(3, `The platform in front of ${url} sends this command to a sign-in page.`, [
      'App Service authentication must let requests with a token through: "Allow unauthenticated access", or the broker’s audience among its allowed ones.',
    ]);
  }
  return new Failure(3, `${url} sends on to another address${host === '' ? '' : ` (${printable(host)})`}.`, [
    'A token is not sent after it. Name that address with --url, if it is the broker’s.',
  ]);
}

function signInAdvice({ auth }: Asked): string[] {
  if (auth === 'local')
    return ['See that this broker is that of the local stack: a stack that was started again has other keys.'];
  return [
    'See that --audience names the registration of this very broker, and that its tokens are v2.0 (requestedAccessTokenVersion 2).',
    auth === 'cli'
      ? 'az account show tells the tenant; --tenant names another.'
      : 'The identity’s tenant must be the broker’s.',
  ];
}

function roleOf({ ask }: Asked): string {
  return ask.idempotencyKey === undefined ? 'Operations.Read' : 'Operations.Write';
}

function forbidden(asked: Asked): string {
  return `This needs the app role ${roleOf(asked)}, and whoever signed in does not have it.`;
}

function roleAdvice({ auth }: Asked): string[] {
  if (auth === 'local') return ['On the local stack platform has it: leave out --as.'];
  return [
    'Whoever administers the broker’s enterprise application in Entra assigns it. Then sign in anew: a token keeps the roles that it was made with.',
  ];
}

function notFound({ url, ask }: Asked, detail: string, facts: Failure['facts']): Failure {
  if (ask.path.startsWith('/v1/rotations/')) {
    return new Failure(
      1,
      'The broker’s configuration has no subscription of that name.',
      ['broker status lists them.'],
      facts,
    );
  }
  if (ask.path === '/v1/audit') {
    const put = 'With "audit": { "sink": "table" } in its configuration it can be read from here: docs/audit.md.';
    return new Failure(1, 'The broker keeps no audit trail that can be read from here.', [detail, put], facts);
  }
  return new Failure(
    3,
    `The broker at ${url} does not know ${ask.path}.`,
    ['It is older than this command: use the command line of the version that is deployed.'],
    facts,
  );
}
