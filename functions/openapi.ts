import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('openapi', {
  route: 'openapi.json',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().openapi(request, context),
});
