import { app } from '@azure/functions';
import { broker } from '../shared/broker.ts';

app.warmup('warm-up', { handler: (_warmup, context) => broker().warmUp(context) });
