import { app } from '@azure/functions';
import { allMethods, withBroker } from '../shared/broker-loading.ts';

app.http('authorization-header', {
  route: 'AuthorizationHeader/{api}',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => withBroker((broker) => broker.authorizationHeader(request, context)),
});
