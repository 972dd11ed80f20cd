import { describe, expect, test } from '@jest/globals';
import { reasonsByCode } from '../../../shared/errors.ts';
import { createReadyRoute, healthRoute } from '../../../shared/http/health.ts';
import { problemKinds } from '../../../shared/http/problems.ts';
import { createProblemsRoute } from '../../../shared/http/problems-page.ts';
import { serve, type Route } from '../../../shared/http/serve.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { call, problemIn } from './exchange.ts';

const clock = createManualClock();
const ask = (route: Route) => call(serve({ clock, requestTimeoutMs: 5_000 }, ['GET', 'HEAD'], route));

describe('GET /healthz', () => {
  test('says that the process is alive, and no more', async () => {
    expect(await ask(healthRoute)).toMatchObject({ status: 200, body: '{"status":"alive"}' });
  });
});

describe('GET /readyz', () => {
  test('says that the instance can serve, and no more', async () => {
    expect(await ask(createReadyRoute(async () => true))).toMatchObject({ status: 200, body: '{"status":"ready"}' });
  });

  test('is 503 when the instance cannot serve, and does not say why', async () => {
    const seen = await ask(createReadyRoute(async () => false));
    expect(problemIn(seen)).toMatchObject({ status: 503, code: 'upstream-unavailable' });
    expect(seen.headers['retry-after']).toBe('1');
    expect(Object.keys(problemIn(seen)).toSorted()).toEqual(['code', 'detail', 'requestId', 'status', 'title', 'type']);
  });

  test('is 503 at the deadline when it cannot be told', async () => {
    const seen = ask(createReadyRoute(() => new Promise(() => {})));
    await clock.advance(5_000);
    expect((await seen).status).toBe(503);
  });
});

describe('GET /docs/problems.md', () => {
  test('is the page that the type of a problem points to', async () => {
    const seen = await ask(createProblemsRoute());
    expect(seen.headers['content-type']).toBe('text/markdown; charset=utf-8');
    expect(seen.body).toMatch(/^# Problems\n/);
    expect(seen.body).toContain('\n## invalid-token\n');
  });

  test('says of each code its status, what it means and what to do, and no reason, which could help a forger', async () => {
    const { body } = await ask(createProblemsRoute());
    const [, ...sections] = body.split('\n\n## ');
    const told = Object.entries(problemKinds).map(
      ([code, { status, title, detail }]) => `${code}\n\n**${status}** · ${title}.\n\n${detail}`,
    );
    expect(sections.map((section) => section.trimEnd())).toEqual(told);
    for (const reason of reasonsByCode['invalid-token']) expect(body).not.toContain(`\`${reason}\``);
    expect(body).not.toContain('Reasons');
  });
});
