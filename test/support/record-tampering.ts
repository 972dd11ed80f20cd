/** Spoils rotation records where they are stored, as nobody should. */
export type RecordTampering = {
  spoil(subscription: string): Promise<void>;
  remove(subscription: string): Promise<void>;
  /** Makes every moment of a record so much older. */
  age(subscription: string, byMs: number): Promise<void>;
  /** Puts back what was spoilt or removed. */
  mend(subscription: string): Promise<void>;
};

/** @param settings of a stack with storage. */
export function createRecordTampering(settings: Readonly<Record<string, string>>): RecordTampering {
  const before = new Map<string, object>();

  const send = async (subscription: string, method: string, body?: object): Promise<unknown> => {
    const url = `${settings['TABLE_SERVICE_URL']}/rotation(PartitionKey='${subscription}',RowKey='record')`;
    const headers = {
      Authorization: `Bearer ${await identityToken(settings, 'https://storage.azure.com')}`,
      Accept: 'application/json;odata=nometadata',
      'Content-Type': 'application/json',
      'x-ms-version': '2020-12-06',
      'x-ms-date': new Date().toUTCString(),
      ...(method === 'DELETE' && { 'If-Match': '*' }),
    };
    const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${method} of the record of ${subscription}: ${response.status}`);
    return response.status === 200 ? response.json() : undefined;
  };

  const keep = async (subscription: string) => {
    const entity = (await send(subscription, 'GET')) as object;
    before.set(subscription, entity);
    return entity;
  };

  return {
    spoil: async (subscription) => {
      const entity = await keep(subscription);
      await send(subscription, 'PUT', { ...entity, record: '{"generation":"four"}' });
    },
    remove: async (subscription) => {
      await keep(subscription);
      await send(subscription, 'DELETE');
    },
    age: async (subscription, byMs) => {
      const entity = (await send(subscription, 'GET')) as { record: string };
      // A duration is nowhere near a moment of this century.
      const older = entity.record.replaceAll(/\b\d{13}\b/g, (moment) => String(Number(moment) - byMs));
      await send(subscription, 'PUT', { ...entity, record: older });
    },
    mend: async (subscription) => {
      await send(subscription, 'PUT', before.get(subscription));
    },
  };
}

/** A token of the broker's own identity, for a service of the stack. */
export async function identityToken(
  { IDENTITY_ENDPOINT, IDENTITY_HEADER = '' }: Readonly<Record<string, string>>,
  resource: string,
): Promise<string> {
  const query = new URLSearchParams({ 'api-version': '2019-08-01', resource });
  const response = await fetch(`${IDENTITY_ENDPOINT}?${query.toString()}`, {
    headers: { 'X-IDENTITY-HEADER': IDENTITY_HEADER },
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  return token;
}
