import { app } from '@azure/functions';
import { allMethods, withBroker } from '../shared/broker-loading.ts';

app.http('apis', {
  route: 'v1/apis',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => withBroker((broker) => broker.apis(request, context)),
});
