import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../clock.ts';
import { untilAborted } from '../deadline.ts';
import type { SubscriptionFacts } from '../doctor/ports.ts';
import { BrokerError } from '../errors.ts';
import type { KeyAuthority } from '../rotation/ports.ts';
import { ask, expectSuccess, regenerateOnce } from './authority-request.ts';
import { asMembers } from './json.ts';
import { readMembers, toListedKeys } from './listed-keys.ts';

type Options = {
  /** Without a slash at its end. */
  resourceManagerUrl: string;
  /** Of a subscription of an API Management service, or of a workspace in it, beginning with a slash. */
  resourceId: string;
  /** Whom tokens are asked for. Default: the origin of `resourceManagerUrl`, as in every cloud of Microsoft's own. */
  audience?: string;
  upstreamTimeoutMs: number;
};

const apiVersion = '2024-05-01';
const regenerateAction = { primary: '/regeneratePrimaryKey', secondary: '/regenerateSecondaryKey' } as const;

export type ArmAuthority = KeyAuthority & {
  /** "Subscription - Get", which needs the action `read`. @throws as `list` does */
  describe(signal: AbortSignal): Promise<SubscriptionFacts>;
};

/**
 * The keys of an API Management subscription through Azure Resource Manager ("Subscription - List Secrets", "- Regenerate Primary Key" and
 * "Workspace Subscription - …", version 2024-05-01). Needs the actions `listSecrets/action`, `regeneratePrimaryKey/action` and `regenerateSecondaryKey/action` on it.
 *
 * `list` throws `identity-…` as well, where there is no token. Nothing is asked twice.
 */
export function createArmAuthority(clock: Clock, credential: TokenCredential, options: Options): ArmAuthority {
  const { resourceManagerUrl, upstreamTimeoutMs: limitMs } = options;
  const audience = options.audience ?? new URL(resourceManagerUrl).origin;
  const path = options.resourceId.split('/').map(encodeURIComponent).join('/');

  const prepare = async (action: `/${string}` | '', signal: AbortSignal) => {
    const acquiring = credential.getToken(`${audience}/.default`, { abortSignal: signal });
    const token = await untilAborted(acquiring, signal).catch(fail);
    if (!token) throw new BrokerError('identity-refused');
    const url = `${resourceManagerUrl}${path}${action}?api-version=${apiVersion}`;
    return { url, headers: { authorization: `Bearer ${token.token}` } };
  };

  return {
    isManual: false,
    list: async (signal) => {
      const request = await prepare('/listSecrets', signal);
      const answer = await ask('POST', request, { clock, limitMs, signal });
      expectSuccess(answer, clock);
      const { primaryKey, secondaryKey } = readMembers(answer.text);
      return toListedKeys(primaryKey, secondaryKey);
    },
    describe: async (signal) => {
      const request = await prepare('', signal);
      const answer = await ask('GET', request, { clock, limitMs, signal });
      expectSuccess(answer, clock);
      return toFacts(readMembers(answer.text)['properties']);
    },
    regenerate: (slot, signal, mayStillSend) =>
      regenerateOnce(() => prepare(regenerateAction[slot], signal), mayStillSend, { clock, signal }),
  };
}

const state = /^[a-z]{1,20}$/i;
const productScope = /\/products\/([\w.-]{1,256})$/;

/** @throws {BrokerError} `authority-unavailable` for what is no subscription. */
function toFacts(properties: unknown): SubscriptionFacts {
  const { state: is, scope } = asMembers(properties) ?? {};
  if (typeof is !== 'string' || !state.test(is)) throw new BrokerError('authority-unavailable');
  return { state: is.toLowerCase(), product: typeof scope === 'string' ? productScope.exec(scope)?.[1] : undefined };
}

/** An abort throws whatever its signal says. */
function fail(error: unknown): never {
  throw error instanceof BrokerError ? error : new BrokerError('authority-unavailable');
}
