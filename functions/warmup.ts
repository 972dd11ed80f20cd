import { app } from '@azure/functions';
import { withBroker } from '../shared/broker-loading.ts';

// The host finds the function by this name.
app.warmup('warmup', { handler: (_warmup, context) => withBroker((broker) => broker.warmUp(context)) });
