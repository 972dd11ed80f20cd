/** @import { Command, SteeringAnswer } from '../contract/rotation.ts' */
/** @import { Subscription } from './subscriptions.js' */
import { h, show } from './dom.js';
import { ask, Unanswered } from './renewal.js';
import { captions, consequences } from './steering.js';

/** As the contract has it. */
const longestReason = 200;

/** @type {Record<Command, string>} */
const questions = {
  start: 'Start a cycle of',
  pause: 'Pause the rotation of',
  resume: 'Resume the rotation of',
  rollback: 'Roll back the rotation of',
  emergency: 'Declare the active key compromised:',
};

/**
 * Asks whether, and why, and carries it out. The focus goes back to where it came from.
 *
 * @param {Command} command
 * @param {Subscription} subscription
 * @param {(answer: SteeringAnswer) => void} done
 */
export function openSteeringDialog(command, subscription, done) {
  const { name, rotation } = subscription;
  if (!rotation) return;
  const opener = document.activeElement;
  const dialog = document.createElement('dialog');
  dialog.className = command;
  dialog.setAttribute('aria-labelledby', 'dialog-title');
  dialog.setAttribute('aria-describedby', 'dialog-consequences');

  /** @type {{ error?: string, isUnderWay: boolean, faulty?: 'reason' | 'confirm' }} */
  let state = { isUnderWay: false };
  const attempt = createAttempt();

  const submit = async () => {
    if (state.isUnderWay) return;
    const fields = readFields(dialog);
    const problem = check(command, name, fields);
    if (problem) return fail(problem.error, problem.faulty);
    update({ isUnderWay: true });
    const body = JSON.stringify(command === 'emergency' ? fields : { reason: fields.reason });
    try {
      const answer = await attempt(`/v1/rotations/${encodeURIComponent(name)}/${command}`, body);
      dialog.close();
      done(answer);
    } catch (error) {
      fail(
        error instanceof Unanswered
          ? error.message
          : 'The answer cannot be understood. Look at the history for what came of it.',
        undefined,
      );
    }
  };

  const update = (/** @type {typeof state} */ next) => {
    state = next;
    show(dialog, content(command, subscription, rotation, state, { submit, cancel: () => dialog.close() }));
  };

  const fail = (/** @type {string} */ error, /** @type {'reason' | 'confirm' | undefined} */ faulty) => {
    update({ isUnderWay: false, error, ...(faulty && { faulty }) });
    const wanted = faulty && dialog.querySelector(`[name=${faulty}]`);
    if (wanted instanceof HTMLElement) wanted.focus();
  };

  dialog.addEventListener('close', () => {
    dialog.remove();
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
  });
  update(state);
  document.body.append(dialog);
  dialog.showModal();
}

/** One key for one wish: to send the same again is safe where the answer was lost; another wish gets another key. */
function createAttempt() {
  let [key, sent] = ['', ''];
  return (/** @type {string} */ path, /** @type {string} */ body) => {
    if (body !== sent) [key, sent] = [crypto.randomUUID(), body];
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key };
    return ask(path, { method: 'POST', headers, body });
  };
}

/** @param {HTMLDialogElement} dialog */
function readFields(dialog) {
  const valueOf = (/** @type {string} */ name) => {
    const input = dialog.querySelector(`[name=${name}]`);
    return input instanceof HTMLInputElement ? input.value.trim() : '';
  };
  return { reason: valueOf('reason'), confirm: valueOf('confirm') };
}

/**
 * @param {Command} command
 * @param {string} name
 * @param {{ reason: string, confirm: string }} fields
 * @returns {{ error: string, faulty: 'reason' | 'confirm' } | undefined}
 */
function check(command, name, { reason, confirm }) {
  if (reason === '') return { error: 'Say why: it stands in the audit record and in the history.', faulty: 'reason' };
  if (command === 'emergency' && confirm !== name)
    return { error: `Type the subscription’s name, ${name}, to confirm.`, faulty: 'confirm' };
  return undefined;
}

/**
 * @param {Command} command
 * @param {Subscription} subscription
 * @param {NonNullable<Subscription['rotation']>} rotation
 * @param {{ error?: string, isUnderWay: boolean, faulty?: string }} state
 * @param {{ submit: () => Promise<void>, cancel: () => void }} actions
 */
function content(command, subscription, rotation, { error, isUnderWay, faulty }, { submit, cancel }) {
  const { name } = subscription;
  return h(
    'form',
    {
      method: 'dialog',
      novalidate: true,
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        void submit();
      },
    },
    h('h2', { id: 'dialog-title' }, `${questions[command]} ${name}${command === 'emergency' ? '' : '?'}`),
    h(
      'div',
      { id: 'dialog-consequences' },
      ...consequences(command, subscription, rotation).map((text) => h('p', {}, text)),
    ),
    field('reason', 'Why', {
      faulty,
      maxlength: longestReason,
      hint: 'It stands in the audit record and in the history.',
    }),
    command === 'emergency' &&
      field('confirm', `Type ${name} to confirm`, { faulty, maxlength: 63, hint: 'There is no way back.' }),
    h('p', { class: 'error', role: 'alert', id: 'dialog-error' }, error ?? ''),
    h(
      'div',
      { class: 'buttons' },
      h('button', { type: 'button', class: 'button', onclick: cancel }, 'Cancel'),
      h(
        'button',
        {
          type: 'submit',
          class: command === 'emergency' ? 'button danger full' : 'button full',
          'aria-disabled': isUnderWay ? 'true' : undefined,
        },
        isUnderWay ? 'Asking the broker…' : captions[command],
      ),
    ),
  );
}

/**
 * @param {'reason' | 'confirm'} name
 * @param {string} label
 * @param {{ faulty: string | undefined, maxlength: number, hint: string }} options
 */
function field(name, label, { faulty, maxlength, hint }) {
  const id = `dialog-${name}`;
  return h(
    'div',
    { class: 'field', key: name },
    h('label', { for: id }, label),
    h('input', {
      id,
      name,
      maxlength,
      required: true,
      autocomplete: 'off',
      spellcheck: name === 'reason' ? undefined : 'false',
      autofocus: name === 'reason',
      'aria-invalid': faulty === name ? 'true' : undefined,
      'aria-describedby': faulty === name ? `dialog-error ${id}-hint` : `${id}-hint`,
    }),
    h('p', { class: 'hint', id: `${id}-hint` }, hint),
  );
}
