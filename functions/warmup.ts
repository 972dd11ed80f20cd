import { app } from '@azure/functions';
import { broker } from '../shared/broker.ts';

// The host finds the function by this name.
app.warmup('warmup', { handler: (_warmup, context) => broker().warmUp(context) });
