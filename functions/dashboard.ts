import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('dashboard', {
  route: 'dashboard',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().dashboard(request, context),
});
