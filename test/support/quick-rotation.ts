import type { Config } from '../../shared/config/config.ts';

const minute = 60_000;

/** The same configuration, whose keys are changed every ten minutes. */
export function rotateQuickly(config: Config): Config {
  const subscriptions = config.subscriptions.map((subscription) => ({
    ...subscription,
    rotation: subscription.rotation && { ...subscription.rotation, everyMs: 10 * minute, promiseMs: 20 * minute },
  }));
  return { ...config, subscriptions };
}
