import { app } from '@azure/functions';
import { loadSoon } from '../shared/broker-loading.ts';

// A configuration that is not valid is told when the worker starts, not when the first caller asks.
app.hook.appStart(() => {
  loadSoon();
});
