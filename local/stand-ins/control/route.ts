import type { StandInResponse } from '../http.ts';
import type { Refusal } from '../steering.ts';

/** A call of the control address: its body read as JSON, and what stands behind the route's own part of the path. */
type Call = { body: unknown; name: string };

/** What answers one method of a route. */
export type Answer = (call: Call) => StandInResponse | Promise<StandInResponse>;

/** Routes by their path, each with its methods. A path that ends in `/*` takes one more segment, which becomes the call's `name`. */
export type Routes = Readonly<Record<string, Readonly<Record<string, Answer>>>>;

/** 400, or another status, with the reason. */
export function refuse(reason: string, status = 400): StandInResponse {
  return { status, body: { error: reason } };
}

/** Done, or refused. */
export function done(refusal: Refusal | undefined, body: object = {}): StandInResponse {
  return refusal ? refuse(refusal.reason) : { status: 200, body };
}
