import { app } from '@azure/functions';
import { allMethods, withBroker } from '../shared/broker-loading.ts';
import { toWholeResponse } from '../shared/http/whole-response.ts';

app.http('headers', {
  route: 'v1/headers/{api}',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => withBroker(async (broker) => toWholeResponse(await broker.headers(request, context))),
});
