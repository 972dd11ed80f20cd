// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 refuses to load before this polyfill.
import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate authority that lives as long as the process: trusted by whoever is given `caPem`, and by nobody else. */
export type Authority = {
  /** The authority's own certificate, for `NODE_EXTRA_CA_CERTS` or `curl --cacert`. */
  caPem: string;
  /** A server certificate and its private key (PEM) for DNS names and IP addresses, good for 30 days. */
  issue(hosts: string[]): Promise<{ key: string; cert: string }>;
};

const curve = { name: 'ECDSA', namedCurve: 'P-256' };
const signing = { name: 'ECDSA', hash: 'SHA-256' };
const authorityName = 'CN=Local stack authority';
const dayMs = 86_400_000;

/** Makes an authority with an EC P-256 key that is never written down. */
export async function createAuthority(): Promise<Authority> {
  const keys = await createKeys();
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: authorityName,
    keys,
    ...validity(),
    signingAlgorithm: signing,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    caPem: `${authority.toString('pem')}\n`,
    issue: (hosts) => issueServerCertificate(keys, hosts),
  };
}

async function issueServerCertificate(
  authority: webcrypto.CryptoKeyPair,
  hosts: string[],
): Promise<{ key: string; cert: string }> {
  const keys = await createKeys();
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=Local stack',
    issuer: authorityName,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    ...validity(),
    signingAlgorithm: signing,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))),
      await AuthorityKeyIdentifierExtension.create(authority.publicKey),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), PemConverter.PrivateKeyTag);
  return { key: `${key}\n`, cert: `${certificate.toString('pem')}\n` };
}

/** A certificate of a client and its RSA private key in one PEM text, as Key Vault keeps it. It ends in so many days from now. */
export async function issueClientCertificate(name: string, days: number): Promise<{ stored: string; cert: string }> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const modulus = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const keys = await crypto.subtle.generateKey({ ...algorithm, ...modulus }, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    notBefore: new Date(Date.now() - 90 * dayMs),
    notAfter: new Date(Date.now() + days * dayMs),
    signingAlgorithm: algorithm,
  });
  const cert = `${certificate.toString('pem')}\n`;
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), PemConverter.PrivateKeyTag);
  return { stored: `${key}\n${cert}`, cert };
}

function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(curve, true, ['sign', 'verify']);
}

/** From an hour ago, so that a machine whose clock is behind can use it. */
function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 30 * dayMs) };
}
