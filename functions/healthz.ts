import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('healthz', {
  route: 'healthz',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().healthz(request, context),
});
