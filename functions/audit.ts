import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('audit', {
  route: 'v1/audit',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().audit(request, context),
});
