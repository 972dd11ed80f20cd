import { generateKeyPair, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** A key that tokens are signed with. */
export type SigningKey = { kid: string; privateKey: KeyObject; publicKey: KeyObject };

/** Which key signs a token: `attacker` is published nowhere but claims the current key's id, `weak` has 1024 bits, `none` signs nothing. */
export const keyNames = ['current', 'previous', 'attacker', 'weak', 'none'] as const;
export type KeyName = (typeof keyNames)[number];

/** Entra's signing keys. */
export type SigningKeys = {
  /** The key of that name. Rejects with a `RangeError` for `previous` before the first roll-over. */
  find(name: Exclude<KeyName, 'none'>): Promise<SigningKey>;
  /** A new current key, published beside the ones before it. */
  roll(): Promise<void>;
  /** Only the current key stays published. */
  drop(): void;
  published(): readonly SigningKey[];
};

const generate = promisify(generateKeyPair);

/** One RS256 key of 2048 bits to begin with. A weak key is published from its first use on, since only then can it be taken for a good one. */
export async function createSigningKeys(): Promise<SigningKeys> {
  let current = await createKey(2048);
  let previous: SigningKey | undefined;
  let published = [current];
  let attacker: Promise<SigningKey> | undefined;
  let weak: Promise<SigningKey> | undefined;

  const findWeak = async (): Promise<SigningKey> => {
    weak ??= createKey(1024);
    const key = await weak;
    if (!published.includes(key)) published.push(key);
    return key;
  };

  return {
    find: async (name) => {
      if (name === 'current') return current;
      if (name === 'weak') return findWeak();
      if (name === 'attacker') return { ...(await (attacker ??= createKey(2048))), kid: current.kid };
      if (!previous) throw new RangeError('there is no previous key before the first roll-over (rollKeys)');
      return previous;
    },
    roll: async () => {
      const next = await createKey(2048);
      previous = current;
      current = next;
      published = [next, ...published];
    },
    drop: () => {
      published = [current];
    },
    published: () => published,
  };
}

async function createKey(modulusLength: number): Promise<SigningKey> {
  return { kid: randomBytes(20).toString('base64url'), ...(await generate('rsa', { modulusLength })) };
}
