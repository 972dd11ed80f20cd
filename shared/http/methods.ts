import type { HttpMethod } from '@azure/functions';

/**
 * Every HTTP trigger takes every method, so that the broker itself answers 405: the host alone would answer 404, without a problem document.
 * Their `authLevel` is anonymous, because the caller's own Entra token is the proof, and a function key one more secret to hold.
 */
export const allMethods: HttpMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
