import { app } from '@azure/functions';
import { broker } from '../shared/broker.ts';

// A configuration that is not valid is told when the worker starts, not when the first caller asks.
app.hook.appStart(() => {
  broker();
});
