import { createPrivateKey, X509Certificate } from 'node:crypto';
import { BrokerError } from './errors.ts';
import { Secret } from './secret.ts';

/** A certificate that a client proves itself with (RFC 7523), and its private key. */
export type Certificate = {
  /** PKCS#8, as PEM. */
  readonly privateKey: Secret;
  /** The client's own certificate first, then the others of its chain, as PEM. */
  readonly chain: string;
  /** SHA-256, in hexadecimal: `x5t#S256` of RFC 7515, section 4.1.8. */
  readonly thumbprint: string;
  /** Wall clock, milliseconds. */
  readonly notAfter: number;
};

const pemBlock = /-----BEGIN (CERTIFICATE|PRIVATE KEY|RSA PRIVATE KEY)-----[\s\S]+?-----END \1-----/g;

/**
 * Reads a certificate as Key Vault keeps it beside its private key, where the certificate's policy says `application/x-pem-file`. The other form,
 * PKCS#12, is refused: Node can use it for TLS, and gives nobody the key.
 *
 * @throws {BrokerError} `vault-certificate-not-pem`, or `vault-certificate-malformed` for what is not an RSA key and its certificate.
 */
export function readCertificate(stored: Secret): Certificate {
  const text = stored.open();
  if (!text.includes('-----BEGIN ')) throw new BrokerError('vault-certificate-not-pem');
  const blocks = Array.from(text.matchAll(pemBlock), ([pem, label = '']) => ({ pem, label }));
  try {
    const [keys, certificates] = [true, false].map((isKey) =>
      blocks.filter(({ label }) => (label !== 'CERTIFICATE') === isKey).map(({ pem }) => pem),
    );
    return toCertificate(keys ?? [], certificates ?? []);
  } catch {
    // What the parser says may hold a part of what it could not read.
    throw new BrokerError('vault-certificate-malformed');
  }
}

function toCertificate([pem, ...others]: readonly string[], certificates: readonly string[]): Certificate {
  if (pem === undefined || others.length > 0) throw new RangeError('One private key is wanted.');
  const key = createPrivateKey(pem);
  const chain = certificates.map((each) => new X509Certificate(each));
  const own = chain.find((each) => each.checkPrivateKey(key));
  if (!own || key.asymmetricKeyType !== 'rsa') throw new RangeError('An RSA key and its certificate are wanted.');
  return {
    privateKey: new Secret(key.export({ type: 'pkcs8', format: 'pem' }).toString()),
    chain: [own, ...chain.filter((each) => each !== own)].map(String).join('\n'),
    thumbprint: own.fingerprint256.replaceAll(':', '').toLowerCase(),
    notAfter: own.validToDate.getTime(),
  };
}
