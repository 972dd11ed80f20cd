import type { ConfigSource } from '../../shared/config/source.ts';
import { BrokerError } from '../../shared/errors.ts';

const longestText = 1_048_576;

/** A configuration in memory. `fault` makes each read fail, `gate` makes it wait; `asked` are the ETags that were known. */
export function createMemoryConfig(first?: string) {
  const state: { fault: BrokerError | undefined; gate: Promise<unknown> | undefined } = {
    fault: undefined,
    gate: undefined,
  };
  const asked: (string | undefined)[] = [];
  let [text, version] = [first, 1];

  const source: ConfigSource = {
    read: async (etag) => {
      asked.push(etag);
      await state.gate;
      if (state.fault) throw state.fault;
      if (text === undefined) throw new BrokerError('storage-refused');
      const current = String(version);
      if (etag === current) return undefined;
      return { text: text.length > longestText ? undefined : text, etag: current };
    },
  };
  const put = (changed: string | undefined) => {
    text = changed;
    version += 1;
  };
  return { source, state, asked, put };
}
