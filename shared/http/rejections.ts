import type { Clock } from '../clock.ts';
import type { Rejections } from '../credentials/rejections.ts';
import { jsonAnswer } from './answer.ts';
import { noteSet, readAsked, type Admission } from './asked.ts';
import type { Decide } from './audited.ts';
import { readBody } from './body.ts';
import { rejectionRequest } from './contract/headers.ts';
import { describeSet } from './headers.ts';
import type { SetIds } from './set-id.ts';

/** In bytes: 4 KB of the API's answer, however JSON escapes it. */
const longestBody = 32_768;

type Dependencies = Admission & { clock: Clock; rejections: Pick<Rejections, 'reject'>; setIds: SetIds };

/** `POST /v1/headers/{api}/rejections[?access=…]` */
export function createRejectionsRoute({ clock, rejections, setIds, ...admission }: Dependencies): Decide {
  return async ({ request }, facts, signal) => {
    const { offer, requirement, recipient } = await readAsked(admission, request, facts, signal);
    const report = await readBody(request, rejectionRequest, longestBody, 'report-malformed', 'report-too-long');
    const { status, body = '' } = report;
    const id = await setIds.unseal(report.id, recipient, signal);
    const { set, rejection } = await rejections.reject({ requirement, id, status, body }, signal);
    const wallMs = clock.wall();
    const expiresOn = noteSet(facts, set, wallMs);
    Object.assign(facts, { rejected: rejection.credential, rejection: rejection.action });
    const sealed = { ...set, id: await setIds.seal(set.id, recipient, signal) };
    return jsonAnswer({ ...describeSet(offer, sealed, wallMs, expiresOn), rejection });
  };
}
