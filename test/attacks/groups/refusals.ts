import { bearer, headersPath, mark, type Group, type Siege } from '../attack.ts';
import { askAll } from '../flood.ts';
import type { Scene } from '../scene.ts';
import type { Who } from '../tokens.ts';
import type { Answer, Sent } from '../wire.ts';
import { claimsConfusion } from './claims-confusion.ts';
import { jwtForgery } from './jwt-forgery.ts';

/** All of an answer but what names the request, and the hour. */
function withoutNames({ all, headers }: Answer): string {
  return all.replaceAll(headers['x-request-id'] ?? '', '').replace(/^date: .*$/im, '');
}

/** Whoever is refused cannot tell these from one another, by a byte or by how long the answer is. */
const alike =
  (make: (at: Scene) => readonly Sent[] | Promise<readonly Sent[]>, status: number): Siege[1] =>
  async (at) => {
    const answers = await askAll(at.app, await make(at));
    const different = new Set(answers.map(withoutNames)).size;
    return [
      ...(different === 1 ? [] : [`${different} different answers`]),
      ...answers.filter((answer) => answer.status !== status).map((answer) => `status ${answer.status}`),
    ];
  };

const asEach = (who: Who, paths: readonly string[]) => (at: Scene) => paths.map((path) => bearer(at.token(who), path));

const ofSets = async (at: Scene): Promise<readonly Sent[]> => {
  const { body } = await at.app.ask(bearer(at.token()));
  const { id } = JSON.parse(body) as { id: string };
  const altered = [3, 9, 15, id.length - 16, id.length - 9, id.length - 1].map(
    (index) => `${id.slice(0, index)}${id[index] === 'a' ? 'b' : 'a'}${id.slice(index + 1)}`,
  );
  return altered.map((other) => ({
    method: 'POST',
    path: `${headersPath}/rejections`,
    headers: [
      ['Authorization', `Bearer ${at.token()}`],
      ['Content-Type', 'application/json'],
    ],
    body: JSON.stringify({ id: other, status: 401 }),
  }));
};

/** Every bad token of the first two groups. */
const badTokens = async (at: Scene): Promise<readonly Sent[]> => {
  const rows = [...jwtForgery.rows, ...claimsConfusion.rows].filter(([, , status]) => status === 401);
  return Promise.all(rows.map(async ([, make]) => make(at)));
};

export const refusals: Group = {
  name: 'Timing and look of refusals',
  guarantee: 1,
  rows: [],
  sieges: [
    ['every bad token gets the same answer, whatever is wrong with it', alike(badTokens, 401)],
    [
      'an API that a caller may not have, and one that there is not',
      alike(asEach('billing', ['/v1/headers/loyalty', `/v1/headers/${mark}`, '/v1/headers/constructor']), 403),
    ],
    [
      'the same for a call',
      alike(asEach('billing', ['/v1/call/loyalty/x', `/v1/call/${mark}/x`, '/v1/call/core/x']), 403),
    ],
    [
      'the same for a sidecar',
      alike(asEach('billing', ['/AuthorizationHeader/loyalty', `/AuthorizationHeader/${mark}`]), 404),
    ],
    [
      'a stranger, and a caller without its role',
      alike(({ token }) => [bearer(token('stranger')), bearer(token('billing', { roles: [] }))], 403),
    ],
    ['an id of a header set, wherever it is wrong', alike(ofSets, 403)],
  ],
};
