import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('doctor', {
  route: 'v1/doctor',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().doctor(request, context),
});
