import Negotiator from 'negotiator';
import type { Clock } from '../clock.ts';
import type { HeaderSet, HeaderSets } from '../credentials/header-set.ts';
import { toTimestamp, type Timestamp } from '../names.ts';
import { readAccept } from './accept.ts';
import { jsonAnswer, type Answer } from './answer.ts';
import { noteSet, readAsked, type Admission, type Offer } from './asked.ts';
import type { Decide } from './audited.ts';
import type { SetIds } from './set-id.ts';

type Dependencies = Admission & { clock: Clock; headerSets: HeaderSets; setIds: SetIds };

type HeaderName = HeaderSet['headers'][number]['name'];

/** `GET /v1/headers/{api}[?access=…]` */
export function createHeadersRoute({ clock, headerSets, setIds, ...admission }: Dependencies): Decide {
  return async ({ request }, facts, signal) => {
    const { offer, requirement, recipient } = await readAsked(admission, request, facts, signal);
    const set = await headerSets.handOut(requirement, signal);
    const wallMs = clock.wall();
    const expiresOn = noteSet(facts, set, wallMs);
    if (wantsText(readAccept(request))) return toText(set);
    return toJson(offer, { ...set, id: await setIds.seal(set.id, recipient, signal) }, wallMs, expiresOn);
  };
}

/** As they are asked for; negotiation takes a parameter for part of the type. */
const mediaTypes = ['application/json', 'text/plain', 'application/json; charset=utf-8', 'text/plain; charset=utf-8'];

function wantsText(accept: string | null): boolean {
  if (accept === null || accept === '*/*' || accept === 'application/json') return false;
  const chosen = new Negotiator({ headers: { accept } }).mediaType(mediaTypes);
  return chosen?.startsWith('text/plain') ?? false;
}

/** Header lines, made for `curl -H @-`. */
function toText({ headers }: HeaderSet): Answer {
  const lines = headers.map(({ name, value }) => `${name}: ${value.open()}\n`);
  return {
    status: 200,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', Vary: 'Accept' },
    body: lines.join(''),
  };
}

function toJson(offer: Offer, set: HeaderSet, wallMs: number, expiresOn: Timestamp): Answer {
  const answer = jsonAnswer(describeSet(offer, set, wallMs, expiresOn));
  return { ...answer, headers: { ...answer.headers, Vary: 'Accept' } };
}

/** The headers as they are sent. Here their secrets are opened. */
export function openHeaders({ headers }: Pick<HeaderSet, 'headers'>): Partial<Record<HeaderName, string>> {
  return Object.fromEntries(headers.map(({ name, value }) => [name, value.open()]));
}

/** A header set, its id sealed, as JSON shows it. */
export function describeSet(
  { api, baseUrl }: Offer,
  { id, headers, lifeMs }: HeaderSet,
  wallMs: number,
  expiresOn: Timestamp,
) {
  const refreshMs = lifeMs / 2;
  return {
    id,
    api,
    baseUrl,
    headers: openHeaders({ headers }),
    expiresOn,
    expiresIn: Math.floor(lifeMs / 1_000),
    refreshOn: toTimestamp(wallMs + refreshMs),
    refreshIn: Math.floor(refreshMs / 1_000),
  };
}
