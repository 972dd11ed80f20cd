import { app } from '@azure/functions';
import { broker } from '../shared/broker.ts';

app.timer('rotation-timer', {
  schedule: '%ROTATION_SCHEDULE%',
  // A start is no reason to rotate: every scaled-out instance would run it.
  runOnStartup: false,
  useMonitor: true,
  handler: (_timer, context) => broker().rotate(context),
});
