import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('rotation', {
  route: 'v1/rotations/{subscription}',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().rotation(request, context),
});
