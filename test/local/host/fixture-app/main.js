// What the tests of the host run: an app as any other, in CommonJS, with the unbundled library. `told` collects what happened.
const { app, HttpResponse } = require('@azure/functions');

const told = [];
const waiting = [];
const tell = (what) => {
  told.push(what);
  for (const resolve of waiting.splice(0)) resolve();
};

app.hook.appStart((context) => {
  context.hookData.started = true;
  tell('appStart');
});
app.hook.appTerminate(() => {
  console.error('appTerminate ran');
});
app.hook.preInvocation((context) => {
  if (context.invocationContext.functionName === 'hooked') {
    context.hookData.seen = 'pre';
    const { functionHandler } = context;
    context.functionHandler = async (...inputs) => ({
      ...(await functionHandler(...inputs)),
      headers: { 'x-wrapped': 'yes' },
    });
  }
});
app.hook.postInvocation((context) => {
  if (context.invocationContext.functionName !== 'hooked') return;
  if (context.error) {
    context.result = { status: 418, body: [context.hookData.seen, context.error.message].join(': ') };
    context.error = null;
  } else context.result.status = 201;
});
app.hook.log((context) => {
  if (context.message === 'rename me') context.message = 'renamed by a hook';
  if (context.message === 'hooked')
    context.message = [context.hookData.seen, context.invocationContext.functionName].join(', in ');
});
const disposed = app.hook.postInvocation(() => tell('a disposed hook ran'));
disposed.dispose();

const echo = async (request, context) => ({
  jsonBody: {
    function: context.functionName,
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(request.headers),
    params: request.params,
    query: [...request.query],
    body: await request.text(),
    traceParent: context.traceContext.traceParent,
  },
});

app.http('echo', {
  methods: ['GET', 'POST', 'PUT', 'HEAD'],
  authLevel: 'anonymous',
  route: 'echo/{name}/{*rest}',
  handler: echo,
});
app.http('literal', { methods: ['GET'], route: 'echo/literal', handler: echo });
app.http('unnamed', { handler: echo });
app.http('locked', { methods: ['GET'], authLevel: 'function', route: 'locked', handler: () => ({ body: 'opened' }) });
app.http('told', {
  methods: ['GET'],
  route: 'told/{count:int}',
  // Answers when at least so many things have happened.
  handler: async (request) => {
    while (told.length < Number(request.params.count)) await new Promise((resolve) => waiting.push(resolve));
    return { jsonBody: told };
  },
});

app.http('status', {
  methods: ['GET', 'HEAD'],
  route: 'status/{status:range(200,599)}',
  handler: (request) => ({
    status: Number(request.params.status),
    body: 'a body',
    headers: { 'x-one': '1', 'content-length': '999' },
  }),
});
app.http('bytes', {
  methods: ['POST'],
  route: 'bytes',
  handler: async (request) => ({ body: Buffer.from(await request.arrayBuffer()) }),
});
app.http('tells', {
  methods: ['POST'],
  route: 'tells',
  handler: async (request) => {
    tell(await request.text());
    return {};
  },
});
app.http('cookies', {
  methods: ['GET'],
  route: 'cookies',
  handler: () => ({
    cookies: [
      { name: 'a', value: '1;2', sameSite: 'Lax', secure: true, httpOnly: true, maxAge: 60 },
      { name: 'b', value: '', sameSite: 'None', path: '/x', domain: 'example.com', expires: new Date(0 + 1000) },
    ],
  }),
});
app.http('native', {
  methods: ['GET'],
  route: 'native',
  handler: () => new HttpResponse({ status: 202, body: 'native' }),
});
app.http('nothing', { methods: ['GET'], route: 'nothing', handler: () => undefined });
app.http('throws', {
  methods: ['GET'],
  route: 'throws',
  handler: () => {
    throw new Error('first line\nsecond line', { cause: new Error('the cause') });
  },
});
app.http('string', { methods: ['GET'], route: 'string', handler: () => 'a bare string' });
app.http('badHeader', { methods: ['GET'], route: 'bad-header', handler: () => ({ headers: { 'x-bad': '\u0001' } }) });
app.http('hooked', {
  methods: ['GET'],
  route: 'hooked/{how}',
  handler: (request, context) => {
    if (request.params.how === 'logs') context.info('hooked');
    if (request.params.how === 'fail') throw new Error('as asked');
    return { body: 'fine' };
  },
});
app.http('logs', {
  methods: ['GET'],
  route: 'logs',
  handler: (_request, context) => {
    context.info('one\ntwo \u001b[31m', { three: 3 });
    context.debug('rename me');
    return { body: '' };
  },
});
app.http('late', {
  methods: ['GET'],
  route: 'late-rejection',
  handler: () => {
    void Promise.reject(new Error('nobody catches this'));
    return { body: '' };
  },
});

// Held until the process gets SIGUSR2.
let release;
app.http('slow', {
  methods: ['GET'],
  route: 'slow',
  handler: async () => {
    tell('slow began');
    await new Promise((resolve) => {
      release = resolve;
    });
    return { body: 'finished' };
  },
});
process.on('SIGUSR2', () => release());

app.timer('tick', {
  schedule: '%TICK_SCHEDULE%',
  runOnStartup: process.env.TICK_ON_STARTUP === '1',
  handler: (timer, context) => {
    tell({ tick: timer, triggerMetadata: context.triggerMetadata ?? null });
  },
});
app.timer('broken', {
  schedule: '0 0 0 1 1 *',
  handler: () => {
    throw new Error('the timer failed');
  },
});
app.warmup('warm', {
  handler: () => {
    tell('warm');
    if (process.env.WARM_FAILS === '1') throw new Error('the warm-up failed');
  },
});
app.storageQueue('queued', { queueName: 'q', connection: '', handler: (message) => tell({ message }) });
app.http('environment', {
  methods: ['GET'],
  route: 'environment/{name}',
  handler: (request) => ({ body: process.env[request.params.name] ?? '' }),
});
