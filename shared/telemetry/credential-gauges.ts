import type { Attributes, Meter as ApiMeter } from '@opentelemetry/api';
import type { Clock } from '../clock.ts';
import { instruments, optionsOf } from './instruments.ts';
import type { Load } from './meter.ts';

/** A credential whose age and life are shown. */
export type WatchedCredential = {
  readonly load: Load;
  /** In milliseconds; `undefined` before there is any, and where no end to it is known. */
  readonly remainingLifeMs?: () => number | undefined;
};

type Watched = WatchedCredential & { readonly attributes: Attributes; loadedAt: number | undefined };

/** How old each credential is and how long it is good for. Nothing but what is watched is kept. */
export function createCredentialGauges(clock: Clock, meter: ApiMeter) {
  const { credentialAge, credentialRemainingLife } = instruments;
  const age = meter.createObservableGauge(credentialAge.name, optionsOf(credentialAge));
  const remainingLife = meter.createObservableGauge(credentialRemainingLife.name, optionsOf(credentialRemainingLife));
  let watched = new Map<string, Watched>();

  age.addCallback((result) => {
    for (const { loadedAt, attributes } of watched.values()) {
      if (loadedAt !== undefined) result.observe((clock.monotonic() - loadedAt) / 1_000, attributes);
    }
  });
  remainingLife.addCallback((result) => {
    for (const { remainingLifeMs, attributes } of watched.values()) {
      const ms = remainingLifeMs?.();
      if (ms !== undefined && Number.isFinite(ms)) result.observe(ms / 1_000, attributes);
    }
  });

  return {
    watch: (credentials: readonly WatchedCredential[]) => {
      const before = watched;
      watched = new Map(
        credentials.map((credential) => {
          const identity = identityOf(credential.load);
          const attributes = toAttributes(credential.load);
          return [identity, { ...credential, attributes, loadedAt: before.get(identity)?.loadedAt }];
        }),
      );
    },
    loaded: (load: Load) => {
      const known = watched.get(identityOf(load));
      if (known) known.loadedAt = clock.monotonic();
    },
  };
}

function identityOf({ kind, of, scope }: Load): string {
  return JSON.stringify([kind, of, scope]);
}

function toAttributes({ kind, of, scope }: Load): Attributes {
  return {
    'token_broker.credential.kind': kind,
    ...(of !== undefined && { 'token_broker.credential.name': of }),
    ...(scope !== undefined && { 'token_broker.credential.scope': scope }),
  };
}
