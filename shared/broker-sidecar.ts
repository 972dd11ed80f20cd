import type { Trail } from './broker-audit.ts';
import type { Callers } from './broker-callers.ts';
import type { HeaderSets } from './credentials/header-set.ts';
import type { Rejections } from './credentials/rejections.ts';
import type { Offer } from './http/asked.ts';
import { createAudited } from './http/audited.ts';
import type { Route } from './http/serve.ts';
import { createAuthorizationHeaderRoute, createValidateRoute } from './http/sidecar.ts';

type Parts = Pick<Callers, 'authenticate' | 'policy'> & {
  trail: Trail;
  offers: ReadonlyMap<string, Offer>;
  headerSets: HeaderSets;
  rejections: Rejections;
};

/** The routes for who has used a sidecar of the Microsoft Entra ID Auth SDK. */
export function buildSidecar({ trail, ...parts }: Parts): { authorizationHeader: Route; validate: Route } {
  const authorizationHeader = createAuthorizationHeaderRoute({ clock: trail.clock, ...parts });
  return {
    authorizationHeader: createAudited(trail, 'headers.hand-out', authorizationHeader),
    validate: createAudited(trail, 'token.validate', createValidateRoute(parts.authenticate)),
  };
}
