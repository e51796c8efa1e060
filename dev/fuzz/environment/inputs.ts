import { JOB_NAME, JOB_TYPE, USER_NAME, USERS } from '../generators/jobs.ts';
import type { Scenario } from '../generators/scenarios.ts';

const ORIGIN = 'https://acme.collibra.example';
const OTHER_TOKEN_URL = 'https://login.example/oauth/token';
const CLIENT = { 'client-id': 'urn:sys:env:1:i:2', 'client-secret': 's+cret/%' };
const CREDENTIALS = {
  bearer: { token: 'eyJ.fixed.token' },
  basic: { username: USER_NAME, password: 'pa:ss wörd' },
  client: CLIENT,
  'client of another host': { ...CLIENT, 'token-url': OTHER_TOKEN_URL },
};

/** The same credentials, for the simulator. */
export const ACCOUNTS = {
  users: { [USER_NAME]: CREDENTIALS.basic.password },
  clients: { [CLIENT['client-id']]: CLIENT['client-secret'] },
  tokens: [CREDENTIALS.bearer.token],
};

/** The ID of a job by its index in the scenario. */
export const idOf = (index: number) => `abcdef00-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;

/** What a job does, by its ID; undefined for an ID that no job of the scenario has. */
export const scriptOf = (id: string | undefined, { jobs }: Scenario) => jobs.find((_, index) => idOf(index) === id);

/** The job IDs of the inputs, duplicates included. */
export const inputIds = ({ settings: { target }, jobs }: Scenario) =>
  target.by === 'id' ? target.order.map((index) => idOf(index % jobs.length)) : [];

/** The base URL of the environment. */
export const baseUrlOf = ({ server }: Scenario) => ORIGIN + server.pathPrefix;

/** Where tokens are requested. */
export function tokenUrlOf(scenario: Scenario): string {
  const isElsewhere = scenario.settings.credentials === 'client of another host';
  return isElsewhere ? OTHER_TOKEN_URL : `${baseUrlOf(scenario)}/rest/oauth/v2/token`;
}

/** The inputs of action.yml, as a workflow writes them. */
export function inputsOf(scenario: Scenario): Readonly<Record<string, string>> {
  const { settings } = scenario;
  return {
    url: `${baseUrlOf(scenario)}/`,
    ...targetInputs(scenario),
    ...CREDENTIALS[settings.credentials],
    accept: settings.accept.join(', '),
    'max-failed-commands': settings.maxFailedCommands?.toString() ?? '',
    'job-api': settings.jobApi,
    'timeout-minutes': decimal(settings.timeoutMs / 60_000),
    'min-interval-seconds': decimal(settings.minMs / 1_000),
    'max-interval-seconds': decimal(settings.maxMs / 1_000),
    'max-outage-minutes': decimal(settings.outageMs / 60_000),
    'import-results': String(settings.importResults),
  };
}

function targetInputs(scenario: Scenario): Record<string, string> {
  const { target } = scenario.settings;
  if (target.by === 'name') {
    const filters = { 'job-type': target.withType ? JOB_TYPE : '', 'job-user': target.withUser ? USERS.wanted : '' };
    return { 'job-name': JOB_NAME, 'lookback-minutes': decimal(target.lookbackMs / 60_000), ...filters };
  }
  const ids = inputIds(scenario).map((id) => (target.upperCase ? id.toUpperCase() : id));
  return { 'job-id': target.asJson ? JSON.stringify(ids) : ids.join(',\n ') };
}

/** A number without an exponent. */
const decimal = (n: number) => n.toFixed(9);
