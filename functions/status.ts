import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('status', {
  route: 'v1/status',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().status(request, context),
});
