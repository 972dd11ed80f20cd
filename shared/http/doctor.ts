import type { Report } from '../doctor/report.ts';
import { jsonAnswer } from './answer.ts';
import type { Decide } from './audited.ts';
import type { DoctorAnswer } from './contract/doctor.ts';
import type { AuthenticateOperator } from './operator.ts';
import { readQuery } from './query.ts';

type Dependencies = { authenticateOperator: AuthenticateOperator; examine: () => Promise<Report> };

/** `POST /v1/doctor`. Its body is not looked at: there is nothing to say. */
export function createDoctorRoute({ authenticateOperator, examine }: Dependencies): Decide {
  return async ({ request }, facts, signal) => {
    await authenticateOperator(request, 'read', facts, signal);
    readQuery(request.url, []);
    const { findings, ...report } = await examine();
    const answer: DoctorAnswer = { ...report, findings: [...findings] };
    return jsonAnswer(answer);
  };
}
