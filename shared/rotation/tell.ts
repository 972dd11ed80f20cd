import type { Named } from '../names.ts';
import type { Log } from '../telemetry/log.ts';
import type { StepReport } from './runner.ts';

type Told = Pick<StepReport, 'subscription' | 'from' | 'to' | 'generation' | 'alert'> & { readonly step: string };

/** Says what a step came to, where it is news. */
export function tell({ subscription, step, from, to, generation, alert }: Told, log: Log): void {
  const fields = {
    subscription,
    step: step as Named<'step'>,
    from: from as Named<'state'>,
    to: to as Named<'state'>,
    generation,
  };
  if (alert !== undefined) log.warn('rotation-alert', { ...fields, alert: alert as Named<'alert'> });
  else if (step !== 'wait' && step !== 'rest') log.info('rotation-step', fields);
}
