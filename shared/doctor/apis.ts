import type { ApiConfig, SubscriptionConfig } from '../config/config.ts';
import type { Secret } from '../secret.ts';
import { tellAnswer, wordOf } from './answer.ts';
import type { Cause } from './causes.ts';
import { tellToken, type IssuedToken } from './clients.ts';
import { findingsOf, type Finding } from './finding.ts';
import { causeOfForbidden, causeOfPublished, type KeySight } from './keys.ts';
import { skipped as skip, valueOf, type Look, type Seen } from './look.ts';
import type { DoctorPorts, GatewayAnswer } from './ports.ts';

/** What an API's caller would send, or why it is not sent. */
export type ApiCall = {
  readonly api: ApiConfig;
  readonly keys: KeySight;
  /** Absent where the API takes none. */
  readonly token: Seen<IssuedToken> | undefined;
  /** A token that is refused while the clocks are apart tells nothing more. */
  readonly isClockOff: boolean;
};

const { well, fault, skipped } = findingsOf('api');

/** Calls the API as a caller would, with the headers that it is given by default. */
export function lookAtApi(
  { call }: Pick<DoctorPorts, 'call'>,
  apiCall: ApiCall,
  look: Look,
): Promise<Seen<GatewayAnswer>> | Seen<GatewayAnswer> {
  const { api, token } = apiCall;
  const { sight } = apiCall.keys;
  const obstacle = obstacleOf(apiCall);
  const key = valueOf(sight.published)?.secret;
  if (obstacle !== undefined || !key) return skip(obstacle ?? `The key of ${sight.subscription.name} was not read.`);
  const credentials: { key: Secret; token?: Secret | undefined } = { key, token: token && valueOf(token)?.token };
  return look.at('deadline', (signal) => call(addressOf(api, sight.subscription), credentials, signal));
}

/** They leave the API itself to be tried: they may be the probe's alone. */
const causesOfProbe: ReadonlySet<Cause> = new Set(['wrong-product', 'wrong-path', 'gateway-unavailable']);

function obstacleOf({ keys, token }: ApiCall): string | undefined {
  const { sight, tried, obstacle } = keys;
  if (sight.subscription.probe && tried.length === 0 && obstacle !== undefined) return obstacle;
  const causeOfKey = causeOfPublished(keys);
  if (causeOfKey && !causesOfProbe.has(causeOfKey)) return `The key of ${sight.subscription.name} is at fault.`;
  return token && token.kind !== 'seen' ? 'There is no token for it.' : undefined;
}

/** An operation that is known to exist: the probe's, where it is this API's; else what the configuration has as the API's address. */
function addressOf({ baseUrl }: ApiConfig, { probe }: SubscriptionConfig): string {
  return probe?.url.startsWith(`${baseUrl}/`) ? probe.url : baseUrl;
}

export function judgeApi(apiCall: ApiCall, seen: Seen<GatewayAnswer>): Finding {
  const { api, token } = apiCall;
  const told = tellAnswer(seen);
  switch (wordOf(seen)) {
    case 'unasked':
      return skipped(api.name, told);
    case 'accepted':
      return well(api.name, `${told} Its headers are taken.`);
    case 'not-found':
      return skipped(
        api.name,
        `${told} The gateway has no operation at the API’s own address, so that it looked at no header.`,
      );
    case 'key-missing':
      return fault(api.name, 'missing-header', `${told} It says that the subscription key is missing, which was sent.`);
    case 'key-refused':
      return fault(api.name, 'key-refused', told);
    case 'forbidden':
      return fault(api.name, causeOfForbidden(seen, apiCall.keys.sight), told);
    case 'quota':
      return fault(api.name, 'quota-exhausted', told);
    case 'token-refused':
      return judgeRefusedToken(apiCall, token && valueOf(token), told);
    case 'refused':
      return fault(api.name, 'api-refused', told);
    case 'silent':
      return fault(api.name, 'api-unavailable', told);
  }
}

function judgeRefusedToken({ api, isClockOff }: ApiCall, token: IssuedToken | undefined, told: string): Finding {
  if (!token)
    return fault(
      api.name,
      'missing-header',
      `${told} It asks for a bearer token, and the configuration has no oauth section for it.`,
    );
  if (isClockOff) return skipped(api.name, `${told} The token is refused while the clocks are apart.`);
  return fault(api.name, 'wrong-audience', `${told} ${tellToken(token)}`);
}
