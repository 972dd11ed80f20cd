import type { Config } from '../config/config.ts';
import type { ConfigError } from '../config/problem.ts';
import { settingsTable } from '../config/settings.ts';
import type { BrokerError } from '../errors.ts';
import { causeOf, tellUpstream } from './cause-of.ts';
import { findingsOf, type Finding } from './finding.ts';

const [ofSettings, ofConfig] = [findingsOf('settings'), findingsOf('config')];
const [settings, file] = ['app settings', 'broker.config.json'];

/** The settings and the file were read, and are valid: else there would be no `Config`. */
export function judgeConfiguration({ apis, subscriptions, clients, callers }: Config): Finding[] {
  const counts = [`${apis.length} APIs`, `${subscriptions.length} subscriptions`, `${clients.length} clients`];
  return [ofSettings.well(settings), ofConfig.well(file, `${counts.join(', ')} and ${callers.length} callers.`)];
}

/** Where there is no configuration, nothing else can be looked at. */
const nothingElse = findingsOf('identity').skipped(
  'everything else',
  'Without a configuration there is nothing to look at.',
);

/** What there is to say of a configuration in a blob that cannot be read. */
export function toUnreadFindings(error: BrokerError): Finding[] {
  return [ofConfig.fault('BROKER_CONFIG', causeOf(error), tellUpstream(error)), nothingElse];
}

/** What there is to say of a configuration that cannot be loaded: each of its problems. */
export function toFindings({ problems }: ConfigError): Finding[] {
  const faults = problems.map(({ path, problem, remedy }): Finding => {
    const isSetting = Object.hasOwn(settingsTable, path);
    const finding = isSetting ? ofSettings.fault(path, 'invalid-setting') : ofConfig.fault(path, 'invalid-config');
    return { ...finding, detail: `${path} ${problem}.`, remedy };
  });
  return [...faults, nothingElse];
}
