import { setInterval } from 'node:timers/promises';
import { ManagedIdentityCredential } from '@azure/identity';
import { createBrokerClient } from 'okq8-token-broker/client';

const [api = 'payments', everyMs = 1_000] = process.argv.slice(2);
const client = createBrokerClient({ brokerUrl: process.env.BROKER_URL, credential: new ManagedIdentityCredential() });
for await (const _ of setInterval(Number(everyMs))) {
  const response = await client.fetch(api, '/ping');
  console.log(response.status, await response.text());
}
