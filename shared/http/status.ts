import { jsonAnswer } from './answer.ts';
import type { Decide } from './audited.ts';
import type { ReadStatus } from '../operations/status.ts';
import type { StatusAnswer } from './contract/status.ts';
import type { AuthenticateOperator } from './operator.ts';
import { readQuery } from './query.ts';

type Dependencies = { authenticateOperator: AuthenticateOperator; readStatus: ReadStatus };

/** `GET /v1/status` */
export function createStatusRoute({ authenticateOperator, readStatus }: Dependencies): Decide {
  return async ({ request }, facts, signal) => {
    const { mayWrite } = await authenticateOperator(request, 'read', facts, signal);
    readQuery(request.url, []);
    const answer: StatusAnswer = { operator: { mayWrite }, ...(await readStatus(signal)) };
    return jsonAnswer(answer);
  };
}
