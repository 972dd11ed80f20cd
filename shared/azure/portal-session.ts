import type { Clock } from '../clock.ts';
import { neverAborted, withDeadline } from '../deadline.ts';
import { BrokerError } from '../errors.ts';
import { createRefreshing, type Loaded } from '../refreshing.ts';
import { Secret } from '../secret.ts';
import { ask, expectSuccess } from './authority-request.ts';
import { readMembers } from './listed-keys.ts';

/** Who signs in. The password is read at each sign-in, so that a new one is taken up at once. */
type PortalCredentials = {
  readonly email: string;
  /** @throws {BrokerError} `vault-…` or `identity-…`, never another error. */
  readonly password: (signal: AbortSignal) => Promise<Secret>;
};

export type PortalOptions = {
  /** The portal's data API, without a slash at its end. */
  url: string;
  credentials: PortalCredentials;
  upstreamTimeoutMs: number;
  /** Told of each sign-in that failed. */
  onFailure: (error: unknown) => void;
  /** Put around each sign-in. */
  measure?: <T>(signIn: () => Promise<T>) => Promise<T>;
};

/** Signed in, as somebody. */
export type PortalSession = { readonly userId: string; readonly token: Secret };

export type PortalSessions = {
  /** The session of this user: one sign-in, however many ask. @throws {BrokerError} */
  get(signal: AbortSignal): Promise<PortalSession>;
  /** The portal does not take this one any more: whoever asks next signs in. */
  drop(session: PortalSession): void;
};

/** The portal's preview version that its own pages use. */
export const portalApiVersion = '2022-04-01-preview';
/** A token of an hour is renewed this long before its own end. */
const renewBeforeMs = 300_000;

/** Signing in to a developer portal. After a failure it is left alone for a while: a wrong password must not lock the user out. */
export function createPortalSessions(clock: Clock, options: PortalOptions): PortalSessions {
  const { measure = (run) => run() } = options;
  const create = () =>
    createRefreshing(clock, () => measure(() => signIn(clock, options)), {
      shortLived: 'authority-unavailable',
      onFailure: options.onFailure,
    });
  let sessions = create();
  return {
    get: async (signal) => (await sessions.get(renewBeforeMs, signal)).value,
    drop: (session) => {
      if (sessions.peek()?.value === session) sessions = create();
    },
  };
}

/** What a request of a session carries. */
export function toAuthorization({ token }: PortalSession): Readonly<Record<string, string>> {
  return { authorization: `SharedAccessSignature token="${token.open()}",refresh="true"` };
}

async function signIn(clock: Clock, options: PortalOptions): Promise<Loaded<PortalSession>> {
  const { url, credentials, upstreamTimeoutMs: limitMs } = options;
  const password = await withDeadline(clock, limitMs, 'vault-unavailable', credentials.password);
  const basic = Buffer.from(`${credentials.email}:${password.open()}`).toString('base64');
  const answer = await ask(
    'GET',
    { url: `${url}/identity?api-version=${portalApiVersion}`, headers: { authorization: `Basic ${basic}` } },
    { clock, limitMs, signal: neverAborted },
  );
  expectSuccess(answer, clock);
  const { id } = readMembers(answer.text);
  const sas = parseSasToken(answer.headers.get('ocp-apim-sas-token') ?? '');
  if (typeof id !== 'string' || id === '' || !sas) throw new BrokerError('authority-refused');
  const lifeMs = sas.endsAt - clock.wall();
  const expiresAt = clock.monotonic() + lifeMs;
  // Of a token that lives for less than ten minutes, half is used first.
  const refreshAt = expiresAt - Math.min(renewBeforeMs, lifeMs / 2);
  return { value: { userId: id, token: new Secret(sas.token) }, refreshAt, expiresAt };
}

/** `token="{user}&{yyyyMMddHHmm, UTC}&{signature}",refresh="true"`, or the token alone. `endsAt` is wall clock, milliseconds. */
function parseSasToken(header: string): { token: string; endsAt: number } | undefined {
  const [, token, time] = /(?:^|^token=")([^&"\s]+&(\d{12})&[^"\s]+)(?:"|$)/.exec(header) ?? [];
  if (token === undefined || time === undefined) return undefined;
  const [date, clockTime] = [time.slice(0, 8), time.slice(8)];
  const iso = `${date.replace(/(....)(..)(..)/, '$1-$2-$3')}T${clockTime.replace(/(..)(..)/, '$1:$2')}Z`;
  const endsAt = Date.parse(iso);
  return Number.isNaN(endsAt) ? undefined : { token, endsAt };
}
