import type { Fingerprint, SubscriptionName } from '../../../shared/names.ts';
import type { Secret } from '../../../shared/secret.ts';
import type { History } from '../history.ts';
import type { Random } from '../random.ts';
import type { Schedule } from '../schedule.ts';
import type { Weather } from '../weather.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Gateways } from './gateways.ts';
import type { Table } from './table.ts';
import type { Vault } from './vault.ts';

/** What the instances of the app have to do with, for one subscription. */
export type World = {
  readonly name: SubscriptionName;
  readonly history: History;
  readonly schedule: Schedule;
  readonly random: Random;
  readonly weather: Weather;
  readonly controlPlane: ControlPlane;
  readonly gateways: Gateways;
  readonly vault: Vault;
  readonly table: Table;
  /** When the subscription was suspended or deleted. */
  readonly outages: { readonly from: number; to: number }[];
  readonly fingerprintOf: (secret: Secret) => Fingerprint;
  /** Its authority refuses everything, always. */
  readonly isFailing: boolean;
};
