import type { Clock } from '../clock.ts';
import type { Rejections } from '../credentials/rejections.ts';
import { jsonAnswer } from './answer.ts';
import { noteSet, readAsked, type Admission } from './asked.ts';
import type { Decide } from './audited.ts';
import { readBody } from './body.ts';
import { rejectionRequest } from './contract/headers.ts';
import { describeSet } from './headers.ts';

/** In bytes: 4 KB of the API's answer, however JSON escapes it. */
const longestBody = 32_768;

type Dependencies = Admission & { clock: Clock; rejections: Pick<Rejections, 'reject'> };

/** `POST /v1/headers/{api}/rejections[?access=…]` */
export function createRejectionsRoute({ clock, rejections, ...admission }: Dependencies): Decide {
  return async ({ request }, facts, signal) => {
    const { offer, requirement } = await readAsked(admission, request, facts, signal);
    const { id, status, body = '' } = await readBody(request, rejectionRequest, longestBody, 'report-malformed');
    const { set, rejection } = await rejections.reject({ requirement, id, status, body }, signal);
    const wallMs = clock.wall();
    noteSet(facts, set, wallMs);
    Object.assign(facts, { rejected: rejection.credential, rejection: rejection.action });
    return jsonAnswer({ ...describeSet(offer, set, wallMs), rejection });
  };
}
