import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';

/** Who may sign in to the developer portal. `id` is the user's name in paths. */
export type PortalUser = { id: string; email: string; password: string };

/** Signing in with a password, and the session that follows. Both answer with the user's id. */
export type PortalSessions = {
  /** Checks `Authorization: Basic …`. */
  checkPassword(authorization: string): string | undefined;
  /** Checks `Authorization: SharedAccessSignature token="…",refresh="true"`. */
  checkSession(authorization: string): string | undefined;
  /** What the header `Ocp-Apim-Sas-Token` carries: a session of one hour, which ends with a whole minute (UTC). */
  open(userId: string): string;
};

const sessionLifeMs = 3_600_000;

/** Sessions that nobody has to remember: the token names its user and its end, `{user}&{yyyyMMddHHmm}&{signature}`, and is signed. */
export function createPortalSessions(users: readonly PortalUser[], clock: Clock): PortalSessions {
  const signingKey = randomBytes(32);

  const sign = (userId: string, expiry: string): string =>
    createHmac('sha512', signingKey).update(`${userId}\n${expiry}`).digest('base64');

  return {
    checkPassword: (authorization) => {
      const [, encoded] = /^Basic +([\w+/=]+)$/i.exec(authorization) ?? [];
      const given = Buffer.from(encoded ?? '', 'base64').toString('utf8');
      return users.find(({ email, password }) => given === `${email}:${password}`)?.id;
    },
    checkSession: (authorization) => {
      const [, token] = /^SharedAccessSignature +token="([^"]+)",refresh="(?:true|false)"$/i.exec(authorization) ?? [];
      const [userId = '', expiry = '', signature = ''] = (token ?? '').split('&');
      const isLive = expiry > formatMinute(clock.wall());
      return isLive && isSame(signature, sign(userId, expiry)) ? userId : undefined;
    },
    open: (userId) => {
      const expiry = formatMinute(clock.wall() + sessionLifeMs);
      return `token="${userId}&${expiry}&${sign(userId, expiry)}",refresh="true"`;
    },
  };
}

/** `yyyyMMddHHmm`, UTC. Sorts as time does. */
function formatMinute(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/\D/g, '').slice(0, 12);
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
