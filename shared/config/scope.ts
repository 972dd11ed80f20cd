import type { AccessLevel, ScopeName } from '../names.ts';
import type { OAuthConfig } from './config.ts';

/** What Entra is asked for: the API's App ID URI, and one of its access levels. */
export function scopeOf({ scope }: Pick<OAuthConfig, 'scope'>, level: AccessLevel): ScopeName {
  return `${scope}/${level}` as ScopeName;
}
