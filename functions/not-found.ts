import { app } from '@azure/functions';
import { allMethods, withBroker } from '../shared/broker-loading.ts';

app.http('not-found', {
  route: '{*path}',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => withBroker((broker) => broker.notFound(request, context)),
});
