import { networkErrorOf } from '../../shared/upstream-error.ts';
import { Failure } from '../failure.ts';
import type { Ask } from './request.ts';

type Words = (url: string) => [message: string, ...advice: string[]];

const trustIt =
  'Where it has a certificate of your own authority, set NODE_EXTRA_CA_CERTS to the file (PEM) of that authority.';
const untrusted: Words = (url) => [`The certificate at ${url} comes from nobody whom this machine trusts.`, trustIt];
const notTls: Words = (url) => [`What answers at ${url} speaks no TLS.`, 'Correct the scheme or the port of the URL.'];
const noSuchHost: Words = (url) => [
  `There is no host of the name ${new URL(url).hostname}.`,
  'Correct --url or BROKER_URL; or this machine has no network.',
];
const noWay: Words = (url) => [
  `The network has no way to ${url}.`,
  'A broker with private access alone is reached from its own network.',
];
const brokenOff: Words = (url) => [`The connection to ${url} broke off.`, 'Try again.'];
const slow: Words = (url) => [
  `The broker at ${url} has not answered in time.`,
  'Try again; curl its /healthz tells whether it is alive.',
];

/** What is said of each error of the network. */
const wordsByCode: Readonly<Record<string, Words>> = {
  ECONNREFUSED: (url) => [
    `No broker answers at ${url}.`,
    'See that it runs there, or name another with --url. npm start starts one on this machine.',
  ],
  ENOTFOUND: noSuchHost,
  EAI_AGAIN: noSuchHost,
  EHOSTUNREACH: noWay,
  ENETUNREACH: noWay,
  ECONNRESET: brokenOff,
  EPIPE: brokenOff,
  UND_ERR_SOCKET: brokenOff,
  ETIMEDOUT: slow,
  UND_ERR_CONNECT_TIMEOUT: slow,
  UND_ERR_HEADERS_TIMEOUT: slow,
  UND_ERR_BODY_TIMEOUT: slow,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  CERT_HAS_EXPIRED: (url) => [`The certificate at ${url} has expired.`, 'Renew it; or this machine’s clock is wrong.'],
  CERT_NOT_YET_VALID: (url) => [`The certificate at ${url} is not valid yet.`, 'This machine’s clock may be wrong.'],
  ERR_TLS_CERT_ALTNAME_INVALID: (url) => [
    `The certificate at ${url} is for another name.`,
    'Correct the host in the URL.',
  ],
  EPROTO: notTls,
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
  HPE_INVALID_CONSTANT: (url) => [
    `What answers at ${url} speaks no HTTP.`,
    'Correct the port of the URL, or write https://.',
  ],
};

const notKnown =
  'It is not known whether the command was carried out. Look with broker rotation show, then repeat it if it was not.';

/** Says why no answer came. */
export function unreachable(error: unknown, url: string, { idempotencyKey }: Ask): Failure {
  const code = networkErrorOf(error);
  const [message, ...advice] = wordsOf(error, code)(url);
  return new Failure(3, message, [
    ...advice,
    ...(idempotencyKey !== undefined && mayHaveArrived(code) ? [notKnown] : []),
  ]);
}

function wordsOf(error: unknown, code: string | number | undefined): Words {
  if (error instanceof DOMException && error.name === 'TimeoutError') return slow;
  if (error instanceof RangeError)
    return (url) => [`What answers at ${url} goes on without end.`, 'See that the URL is a broker’s.'];
  const known = code === undefined ? undefined : wordsByCode[code];
  return (
    known ??
    ((url) => [
      `${url} could not be reached${code === undefined ? '' : ` (${code})`}.`,
      'See that the URL is a broker’s.',
    ])
  );
}

/** Whether the broker may have been asked before the connection failed. */
function mayHaveArrived(code: string | number | undefined): boolean {
  const words = code === undefined ? slow : wordsByCode[code];
  return words === slow || words === brokenOff;
}
