import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('validate', {
  route: 'Validate',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().validate(request, context),
});
