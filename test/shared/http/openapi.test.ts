import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createOpenApiRoute } from '../../../shared/http/openapi.ts';
import { serve } from '../../../shared/http/serve.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { call } from './exchange.ts';

const file = join(import.meta.dirname, '../../../docs/openapi.json');

test('GET /openapi.json is the document in docs/, every time', async () => {
  const handler = serve({ clock: createManualClock(), requestTimeoutMs: 5_000 }, ['GET'], createOpenApiRoute());
  for (let time = 0; time < 2; time += 1) {
    const { status, headers, body } = await call(handler);
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(body)).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  }
});
