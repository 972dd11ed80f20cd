import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('apis', {
  route: 'v1/apis',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().apis(request, context),
});
