import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('not-found', {
  route: '{*path}',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().notFound(request, context),
});
