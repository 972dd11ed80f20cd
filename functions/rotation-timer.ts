import { app } from '@azure/functions';
import { withBroker } from '../shared/broker-loading.ts';

app.timer('rotation-timer', {
  schedule: '%ROTATION_SCHEDULE%',
  // A start is no reason to rotate: every scaled-out instance would run it.
  runOnStartup: false,
  useMonitor: true,
  handler: (_timer, context) => withBroker((broker) => broker.rotate(context)),
});
