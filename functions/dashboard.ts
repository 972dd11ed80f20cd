import { app } from '@azure/functions';
import { allMethods, withBroker } from '../shared/broker-loading.ts';

app.http('dashboard', {
  route: 'dashboard',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => withBroker((broker) => broker.dashboard(request, context)),
});
