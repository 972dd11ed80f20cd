// What the broker's fixed words mean to a person.

/** The states of a cycle, in their order: what is done in each, in a word or two, and in a sentence. */
export const states = [
  { name: 'idle', slot: undefined, short: 'At rest', sentence: 'At rest: no cycle is under way.' },
  ...['secondary', 'primary'].flatMap((slot) => {
    const other = slot === 'primary' ? 'secondary' : 'primary';
    return [
      { name: `regenerating-${slot}`, slot, short: 'Regenerate', sentence: `Asking for a new ${slot} key.` },
      {
        name: `settling-${slot}`,
        slot,
        short: 'Settle',
        sentence: `Waiting until every gateway accepts the new ${slot} key.`,
      },
      {
        name: `publishing-${slot}`,
        slot,
        short: 'Publish',
        sentence: `Making the ${slot} key the one that is handed out.`,
      },
      {
        name: `draining-${other}`,
        slot: other,
        short: `Drain ${other}`,
        sentence: `Waiting until no header set carries the ${other} key any more.`,
      },
    ];
  }),
];

/**
 * A state in words. A broker that is newer than this page may name one that is not known here.
 *
 * @param {string} name
 */
export function stateNamed(name) {
  return states.find((state) => state.name === name) ?? { name, slot: undefined, short: name, sentence: name };
}

/**
 * A state as a list tells it: `Draining primary`.
 *
 * @param {string} name
 */
export function briefly(name) {
  if (name === 'idle') return 'At rest';
  const [phase = '', slot = ''] = name.split('-');
  return `${phase.charAt(0).toUpperCase()}${phase.slice(1)} ${slot}`;
}

/** @type {Readonly<Record<string, string>>} */
const reasons = {
  'authority-refused': 'API Management refuses the broker',
  'authority-unavailable': 'API Management does not answer',
  'key-changed-outside': 'somebody else has regenerated the active key',
  'active-key-refused': 'a gateway refuses the active key',
  'new-key-refused': 'a gateway refuses the new key',
  'gateway-unknown': 'a gateway does not answer',
  'gateway-forbids': 'a gateway forbids the subscription: suspended, or of another product',
  'vault-not-writable': 'Key Vault cannot be written to',
  'vault-unreadable': 'Key Vault cannot be read',
  'regenerate-not-seen': 'the new key is not listed',
  'publish-not-seen': 'the published key is not seen in Key Vault',
  'entra-secret-wrong': 'Entra refuses the client secret',
  'entra-secret-expired': 'the client secret has expired',
  'entra-client-unknown': 'Entra does not know the client',
  'entra-tenant-unknown': 'Entra does not know the tenant',
  'entra-scope-refused': 'Entra refuses the scope',
  'entra-refused': 'Entra refuses the request',
  'entra-answer-malformed': 'Entra’s answer cannot be understood',
  'entra-unavailable': 'Entra does not answer',
  'vault-secret-missing': 'the secret is not in Key Vault',
  'vault-secret-disabled': 'the secret is disabled in Key Vault',
  'vault-secret-malformed': 'the secret’s value cannot be sent as a header',
  'vault-forbidden': 'the broker’s identity may not read Key Vault',
  'vault-refused': 'Key Vault refuses the request',
  'vault-unavailable': 'Key Vault does not answer',
  'identity-refused': 'the managed identity is refused a token',
  'identity-unavailable': 'the managed identity does not answer',
  'storage-refused': 'Table Storage refuses the broker',
  'storage-unavailable': 'Table Storage does not answer',
  'no-record': 'the rotation timer has not made its record yet',
  'record-corrupt': 'the record is not one that this version can read',
  'signing-keys-unavailable': 'Entra’s signing keys are not to be had',
  deadline: 'it took too long',
  misconfigured: 'it is not valid',
};

/**
 * A reason in words; the word itself where it is not known here.
 *
 * @param {string} reason
 */
export function because(reason) {
  return reasons[reason] ?? reason;
}

/** @type {Readonly<Record<string, string>>} */
const events = {
  entered: 'went on',
  switched: 'published',
  'given-up': 'gave up',
};

/**
 * What happened, in words.
 *
 * @param {string} event
 */
export function eventInWords(event) {
  return events[event] ?? event.replaceAll('-', ' ');
}

/**
 * `1 header set`, `2 header sets`, `1,000 header sets`.
 *
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function several(count, one, many = `${one}s`) {
  return `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;
}

/**
 * `a`, `a and b`, `a, b and c`; from the eighth on only how many.
 *
 * @param {readonly string[]} names
 */
export function listed(names) {
  const shown = names.length > 8 ? [...names.slice(0, 6), `${names.length - 6} more`] : names;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
