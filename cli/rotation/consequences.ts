import type { Command } from '../../shared/http/contract/rotation.ts';

/**
 * What a command will do, for whoever is about to give it: as `docs/rotation.md` has it.
 *
 * @param activeSlot where it is known already.
 */
export function consequencesOf(command: Command, subscription: string, activeSlot?: 'primary' | 'secondary'): string[] {
  const active = activeSlot ?? 'active';
  const retiring = activeSlot === undefined ? 'other' : activeSlot === 'primary' ? 'secondary' : 'primary';
  switch (command) {
    case 'start':
      return [
        `A cycle of ${subscription} is due at once: its secondary and then its primary key are regenerated.`,
        'No header set fails because of it. Drains and maintenance windows still hold.',
      ];
    case 'pause':
      return [
        `No key of ${subscription} is regenerated until it is resumed.`,
        'What has been regenerated is still settled and published, and promises are kept up.',
      ];
    case 'resume':
      return [`The rotation of ${subscription} goes on from where it stands.`];
    case 'rollback':
      return [
        `The ${retiring} key of ${subscription}, which is retiring, is published again in place of the ${active} one.`,
        'Possible while it drains: it has not been regenerated yet. No header set fails because of it.',
      ];
    case 'emergency':
      return [
        `OUTAGE: header sets that carry the ${active} key of ${subscription} fail from the moment it is regenerated, before their expiresOn.`,
        `The ${retiring} key is published, and the ${active} one regenerated without waiting for its drain. Callers that ask again get good headers.`,
      ];
  }
}
