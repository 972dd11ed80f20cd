import { callers } from '../sample.ts';

/** What the stack says of itself when all of it is ready; without `broker`, the stand-ins run alone. */
export type ReadyLine = {
  ready: true;
  broker?: string;
  control: string;
  gateways: [string, ...string[]];
  entra: string;
  vault: string;
  management: string;
  portal: string;
  storage?: string;
  /** The authority's certificate (PEM), for `curl --cacert`. */
  ca: string;
  /** The sample's `broker.config.json`, with this run's addresses. */
  config: string;
};

/** Where the control address is unless its port is in use. */
export const customaryControl = 'http://127.0.0.1:7099';

/** The ready line for a person, with lines to paste. */
export function describeReady(ready: ReadyLine): string {
  const { broker, control, gateways } = ready;
  const address = broker === undefined ? 'The stand-ins are ready.' : `The broker is ready at ${broker}`;
  const lines = [
    address,
    ...(broker === undefined ? [] : describeCalls(broker, control, gateways[0])),
    'Entra fails for 30 seconds:',
    `  curl -s ${control}/faults --json '{"target":"entra","status":503,"for":"30s"}'`,
    'Who called whom:',
    `  curl -s ${control}/requests`,
    `A caller’s token alone (there are ${Object.keys(callers).join(', ')}):`,
    `  ${tokenCommand(control)}`,
    `Gateways: ${gateways.join(', ')}. Entra: ${ready.entra}, Key Vault: ${ready.vault} (curl --cacert ${ready.ca}).`,
    `Its configuration, to copy and change (npm start -- --config FILE): ${ready.config}`,
    'Everything that can be steered: docs/local-stack.md. Ctrl-C ends it all.',
  ];
  return `\n${lines.map((line) => (line.startsWith('  ') ? `${line}\n` : line)).join('\n')}\n`;
}

function describeCalls(broker: string, control: string, gateway: string): string[] {
  const headers = `curl -s -H "Authorization: Bearer $(${tokenCommand(control)})"`;
  const url = `${broker}/v1/headers/payments`;
  return [
    `The dashboard, signed in as platform (…/.auth/login/aad?as=auditor for one who may only look): ${broker}/dashboard`,
    'Headers for an API:',
    `  ${headers} ${url}`,
    'The same as header lines, and the API called with them:',
    `  ${headers} -H 'Accept: text/plain' ${url} | curl -s -H @- ${gateway}/payments/ping`,
  ];
}

function tokenCommand(control: string): string {
  return `npm run -s token -- billing${control === customaryControl ? '' : ` --control ${control}`}`;
}
