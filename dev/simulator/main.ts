import { parseArgs } from 'node:util';

import { scenarios } from './scenarios.ts';
import { defaultCredentials, type Simulator, startSimulator } from './simulator.ts';

const usage = `Starts a simulated Collibra server, to try workflows with.

  npm run simulator -- [--port 8480] [--scenario success] [--speed 1] [--list]

  --port      the port to listen on; 0 selects a free one
  --scenario  the scenario of submitted imports that name none
  --speed     how many times faster than real time jobs progress
  --list      lists the scenarios`;

try {
  await main();
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8480' },
      scenario: { type: 'string', default: 'success' },
      speed: { type: 'string', default: '1' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) console.log(usage);
  else if (values.list) listScenarios();
  else await serve(values);
}

async function serve(values: { port: string; scenario: string; speed: string }): Promise<void> {
  const port = numberOf('port', values.port, (value) => Number.isInteger(value) && value >= 0 && value < 65_536);
  const speed = numberOf('speed', values.speed, (value) => value > 0);
  const simulator = await startSimulator({ port, speed, defaultScenario: values.scenario });
  console.log(instructions(simulator));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close());
}

function numberOf(name: string, text: string, isValid: (value: number) => boolean): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isFinite(value) && isValid(value)) return value;
  throw new Error(`--${name} cannot be "${text}".`);
}

function listScenarios(): void {
  const width = Math.max(...Object.keys(scenarios).map((name) => name.length));
  for (const [name, { description }] of Object.entries(scenarios)) {
    console.log(`${name.padEnd(width)}  ${description}`);
  }
}

function instructions({ url, idToken }: Simulator): string {
  const { users, clients, tokens, federations = {} } = defaultCredentials;
  const [[oidcClient, { audience }] = ['', { audience: '' }]] = Object.entries(federations);
  const pairs = (of: Readonly<Record<string, string>>) =>
    Object.entries(of)
      .map(([name, secret]) => `${name} / ${secret}`)
      .join(', ');
  const token = tokens[0] ?? '';
  return `The simulator listens on ${url} until Ctrl+C.

  users    ${pairs(users)}
  token    ${token}
  client   ${pairs(clients)}
  oidc     ${oidcClient} with the audience ${audience}
           ACTIONS_ID_TOKEN_REQUEST_URL=${idToken.url}
           ACTIONS_ID_TOKEN_REQUEST_TOKEN=${idToken.token}

Submit an import (--list shows the scenarios), then get its job:

  curl -H 'Authorization: Bearer ${token}' -F 'file=@dev/demo/import.json' '${url}/rest/2.0/import/json-job?scenario=success'
  curl -H 'Authorization: Bearer ${token}' '${url}/rest/jobs/v1/jobs/<id>'

Wait for it in a workflow:

  with:
    url: ${url}
    token: ${token}
    job-id: <id>
`;
}
