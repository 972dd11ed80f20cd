import type { Policy } from './policy.ts';
import { hardeningPolicies } from './policies/hardening.ts';
import { networkPolicies } from './policies/network.ts';
import { rolePolicies } from './policies/roles.ts';
import { settingsPolicies } from './policies/settings.ts';
import { createTelemetryPolicies } from './policies/telemetry.ts';
import { upkeepPolicies } from './policies/upkeep.ts';

/** All of them. Each is seen to fail by a row of `mutations.ts`. */
export function createPolicies(): Policy[] {
  return [
    ...networkPolicies,
    ...hardeningPolicies,
    ...settingsPolicies,
    ...rolePolicies,
    ...createTelemetryPolicies(),
    ...upkeepPolicies,
  ];
}
