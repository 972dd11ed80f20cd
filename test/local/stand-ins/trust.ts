import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/** Trusts one more authority in this process. Returns what ends that. */
export function trust(caPem: string): () => void {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, caPem]);
  return () => setDefaultCACertificates(before);
}
