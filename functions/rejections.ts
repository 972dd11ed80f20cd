import { app } from '@azure/functions';
import { allMethods, broker } from '../shared/broker.ts';

app.http('rejections', {
  route: 'v1/headers/{api}/rejections',
  methods: allMethods,
  authLevel: 'anonymous',
  handler: (request, context) => broker().rejections(request, context),
});
