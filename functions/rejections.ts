import { app } from '@azure/functions';
import { allMethods, withBroker } from '../shared/broker-loading.ts';

app.http('rejections', {
  route: 'v1/headers/{api}/rejections',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => withBroker((broker) => broker.rejections(request, context)),
});
