import type { HttpRequest } from '@azure/functions';
import Negotiator from 'negotiator';
import { readAccept } from './accept.ts';

const problemJson = 'application/problem+json';
/** As they are asked for; negotiation takes a parameter for part of the type. */
const accepted = [problemJson, `${problemJson}; charset=utf-8`];

/** The media type of a problem for a client that may know only plain JSON: that, unless it takes `application/problem+json`. */
export function chooseProblemType(request: HttpRequest): string {
  const accept = readAccept(request) ?? '*/*';
  const isTaken = new Negotiator({ headers: { accept } }).mediaType(accepted) !== undefined;
  return isTaken ? problemJson : 'application/json';
}
