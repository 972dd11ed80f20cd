import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';

/** What a version has besides its value. Moments in seconds since the Unix epoch, as Key Vault keeps them. */
export type Attributes = {
  enabled: boolean;
  nbf?: number;
  exp?: number;
  contentType?: string;
  tags?: Readonly<Record<string, string>>;
};

/** One version of a secret. */
export type Version = Attributes & { id: string; value: string; created: number; updated: number };

/** All of a secret, its newest version last, and since when it is deleted. */
export type Secret = { name: string; versions: readonly Version[]; deletedAt?: number };

/** How a secret's storage behaves. `lagMs`: how long readers do not see a write. */
type Behaviour = { lagMs: number; readOnly: boolean };

/** Secrets, each with a history as far as readers may still be behind. Names are the same in upper and lower case. */
export type Secrets = {
  /** As readers see it now. */
  read(name: string): Secret | undefined;
  /** As the last write left it. */
  latest(name: string): Secret | undefined;
  /** As readers see them now, by name. */
  list(): Secret[];
  /** Replaces a secret, or takes it away for good; readers see it once the secret's lag is over. */
  write(name: string, secret: Secret | undefined): void;
  behaviour(name: string): Readonly<Behaviour>;
  behave(name: string, change: Partial<Behaviour>): void;
};

type Shelf = { history: { visibleFrom: number; secret: Secret | undefined }[]; behaviour: Behaviour };

const plainBehaviour: Behaviour = { lagMs: 0, readOnly: false };

/** An empty store. */
export function createSecrets(clock: Clock): Secrets {
  const shelves = new Map<string, Shelf>();

  const shelfOf = (name: string): Shelf => {
    const key = name.toLowerCase();
    const shelf = shelves.get(key) ?? { history: [], behaviour: { ...plainBehaviour } };
    shelves.set(key, shelf);
    return shelf;
  };

  /** Forgets what no reader can see any more. */
  const readShelf = (shelf: Shelf | undefined): Secret | undefined => {
    if (!shelf) return undefined;
    const now = clock.monotonic();
    const seen = shelf.history.findLastIndex(({ visibleFrom }) => visibleFrom <= now);
    if (seen > 0) shelf.history.splice(0, seen);
    return seen < 0 ? undefined : shelf.history[0]?.secret;
  };

  return {
    read: (name) => readShelf(shelves.get(name.toLowerCase())),
    latest: (name) => shelves.get(name.toLowerCase())?.history.at(-1)?.secret,
    list: () =>
      Array.from(shelves.values(), readShelf)
        .filter((secret) => secret !== undefined)
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    write: (name, secret) => {
      const shelf = shelfOf(name);
      shelf.history.push({ visibleFrom: clock.monotonic() + shelf.behaviour.lagMs, secret });
      readShelf(shelf);
    },
    behaviour: (name) => shelves.get(name.toLowerCase())?.behaviour ?? plainBehaviour,
    behave: (name, change) => Object.assign(shelfOf(name).behaviour, change),
  };
}

/** A secret with one more version, which is the newest then. */
export function addVersion({ name, versions }: Secret, value: string, attributes: Attributes, now: number): Secret {
  const id = randomBytes(16).toString('hex');
  return { name, versions: [...versions, { id, value, ...attributes, created: now, updated: now }] };
}

/** A secret with one version changed. What is not said stays. */
export function changeVersion(secret: Secret, id: string, change: Partial<Attributes>, now: number): Secret {
  const versions = secret.versions.map((each) => (each.id === id ? { ...each, ...change, updated: now } : each));
  return { ...secret, versions };
}
