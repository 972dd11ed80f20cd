import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('steering', {
  route: 'v1/rotations/{subscription}/{command}',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().steering(request, context),
});
