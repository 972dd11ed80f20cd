import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('authorization-header', {
  route: 'AuthorizationHeader/{api}',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().authorizationHeader(request, context),
});
