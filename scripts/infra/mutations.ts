import type { Mutation } from './mutation.ts';
import { hardeningMutations } from './mutations/hardening.ts';
import { networkMutations } from './mutations/network.ts';
import { rolesMutations } from './mutations/roles.ts';
import { settingsMutations } from './mutations/settings.ts';
import { telemetryMutations } from './mutations/telemetry.ts';
import { upkeepMutations } from './mutations/upkeep.ts';

/** Each policy stands in one row at least; `npm run infra:check` fails where one does not, or does not see its mutation. */
export const mutations: readonly Mutation[] = [
  ...networkMutations,
  ...hardeningMutations,
  ...settingsMutations,
  ...rolesMutations,
  ...telemetryMutations,
  ...upkeepMutations,
];
