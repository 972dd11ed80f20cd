import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('problems', {
  route: 'docs/problems.md',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().problems(request, context),
});
