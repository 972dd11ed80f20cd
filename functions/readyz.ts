import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('readyz', {
  route: 'readyz',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().readyz(request, context),
});
