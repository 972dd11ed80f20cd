import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createFindings } from '../../../scripts/soak/findings.ts';
import { createUses } from '../../../scripts/soak/uses.ts';
import { createRandom } from '../../simulation/random.ts';
import { createManualClock } from '../../support/manual-clock.ts';

let gateway: Server;
let status: number;
const lifeMs = 30_000;

beforeEach(async () => {
  gateway = createServer((_request, response) => response.writeHead(status).end()).listen(0, '127.0.0.1');
  await once(gateway, 'listening');
});
afterEach(() => {
  gateway.closeAllConnections();
  gateway.close();
});

/** Uses one header set until its end, at a gateway that answers so. */
async function useAt(answered: number, isFaulty = false) {
  status = answered;
  const clock = createManualClock();
  const findings = createFindings(() => {});
  const { port } = gateway.address() as AddressInfo;
  const given = { clock, random: createRandom(1), findings, gateways: [`http://127.0.0.1:${port}`] };
  const uses = createUses({ ...given, wasFaulty: () => isFaulty });
  const seen = [once(gateway, 'request')];
  uses.plan({ id: 'hs_1', api: 'core', headers: { Key: 'k' }, expiresOn: clock.wall() + lifeMs });
  await clock.advance(lifeMs);
  await Promise.all(seen);
  await uses.settled();
  return { figures: uses.figures(), broken: [...findings.counts()] };
}

test('A gateway that refuses a header set before its end breaks guarantee 7', async () => {
  expect(await useAt(401)).toEqual({ figures: { uses: 2, late: 0, refused: 2, spoilt: 0 }, broken: [[7, 2]] });
});

test('A gateway that accepts it breaks nothing', async () => {
  expect(await useAt(200)).toEqual({ figures: { uses: 2, late: 0, refused: 0, spoilt: 0 }, broken: [] });
});

test('A gateway with a fault is excused what a fault does, and no refusal', async () => {
  expect(await useAt(503, true)).toMatchObject({ figures: { spoilt: 2 }, broken: [] });
  expect(await useAt(503, false)).toMatchObject({ broken: [[7, 2]] });
  expect(await useAt(401, true)).toMatchObject({ broken: [[7, 2]] });
});
