import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('call', {
  route: 'v1/call/{api}/{*path}',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().call(request, context),
});
