/** @import { Command, RotationView } from '../contract/rotation.ts' */
/** @import { Context, Subscription } from './subscriptions.js' */
import { h } from './dom.js';
import { listed } from './words.js';

/** What each command is called on its button. */
export const captions = /** @type {const} */ ({
  start: 'Start a cycle',
  pause: 'Pause',
  resume: 'Resume',
  rollback: 'Roll back',
  emergency: 'Emergency',
});

/**
 * The buttons that steer one subscription. One that cannot be used stays where it is, can be reached, and says why.
 *
 * @param {Subscription} subscription
 * @param {RotationView} rotation
 * @param {Context} context
 */
export function steeringButtons(subscription, rotation, { mayWrite, steer }) {
  const { name } = subscription;
  const commands = /** @type {const} */ (['start', rotation.paused ? 'resume' : 'pause', 'rollback', 'emergency']);
  const told = commands.flatMap((command) => {
    const why = mayWrite ? whyNot(command, rotation) : undefined;
    return why === undefined ? [] : [{ command, why }];
  });
  return h(
    'div',
    { class: 'steering', role: 'group', 'aria-label': `Steer ${name}` },
    h(
      'div',
      { class: 'buttons' },
      ...commands.map((command) => {
        const why = mayWrite ? whyNot(command, rotation) : 'read-only';
        return h(
          'button',
          {
            // Pause and resume are one place, which keeps the focus.
            key: command === 'resume' ? 'pause' : command,
            type: 'button',
            class: command === 'emergency' ? 'button danger' : 'button',
            'aria-disabled': why === undefined ? undefined : 'true',
            'aria-describedby': why === undefined ? undefined : `why-${mayWrite ? command : 'not'}-${name}`,
            onclick: () => why === undefined && steer(command, subscription),
          },
          captions[command],
        );
      }),
    ),
    h(
      'ul',
      { class: 'hints' },
      !mayWrite &&
        h('li', { id: `why-not-${name}` }, 'You may look, and not steer: that takes the app role Operations.Write.'),
      ...told.map(({ command, why }) =>
        h('li', { key: command, id: `why-${command}-${name}` }, `${captions[command]}: ${why}`),
      ),
    ),
  );
}

/**
 * @param {Command} command
 * @param {RotationView} rotation
 */
function whyNot(command, { state, compromised }) {
  if (command === 'start' && state !== 'idle') return 'a cycle is under way.';
  if (command === 'rollback' && (!state.startsWith('draining-') || state === `draining-${compromised}`))
    return 'possible while a key drains and is not compromised.';
  if (command === 'emergency' && compromised !== null) return 'declared already.';
  return undefined;
}

/**
 * What will happen, in sentences.
 *
 * @param {Command} command
 * @param {Subscription} subscription
 * @param {RotationView} rotation
 * @returns {string[]}
 */
export function consequences(command, { apis }, { activeSlot, state, primary, secondary }) {
  const other = activeSlot === 'primary' ? 'secondary' : 'primary';
  switch (command) {
    case 'start':
      return [
        'A cycle is due now. The next tick of the timer begins it, in a maintenance window where there are any.',
        'Both keys are replaced, one after the other. No header set fails.',
      ];
    case 'pause':
      return [
        'No key is regenerated until you resume. What has been regenerated still settles and is published, and promises are kept up.',
        'No header set fails.',
      ];
    case 'resume':
      return ['The rotation goes on from where it stands. No header set fails.'];
    case 'rollback':
      return [
        `The ${state.split('-')[1]} key, which drains, is published again; it has not been regenerated yet.`,
        'No header set fails. Past the point of no return, when it is regenerated, the broker refuses this.',
      ];
    case 'emergency':
      return [
        `The ${activeSlot} key (${(activeSlot === 'primary' ? primary : secondary).fingerprint}) counts as compromised. The ${other} key is published once every gateway accepts it, and the ${activeSlot} one is then regenerated without waiting for its drain.`,
        `Outage: header sets that carry the ${activeSlot} key fail before their expiresOn. Until they ask for new ones, callers of ${listed(apis) || 'its APIs'} are refused.`,
      ];
  }
}
