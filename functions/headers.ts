import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('headers', {
  route: 'v1/headers/{api}',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().headers(request, context),
});
