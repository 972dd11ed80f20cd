import { app } from '@azure/functions';
import { allMethods, withBroker } from '../shared/broker-loading.ts';

app.http('call', {
  route: 'v1/call/{api}/{*path}',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => withBroker((broker) => broker.call(request, context)),
});
