import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('dashboard-assets', {
  route: 'dashboard/{asset}',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().dashboardAssets(request, context),
});
