import type { CredentialSettings } from '../collibra/auth.ts';
import { OWN_FIELDS, type ClientAuthentication, type ClientSettings } from '../collibra/token-endpoint.ts';
import { BEARER_TOKEN } from '../text.ts';
import { isSecure, readHttpsUrl, type Inputs } from './reader.ts';

/** The variables of the runner. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The token endpoint of a Collibra environment. */
const TOKEN_PATH = '/rest/oauth/v2/token';

const GROUPS = 'token, username with password, or client-id with client-secret';

const CLIENT_AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'github_oidc'] as const;

/** Inputs that have no effect without `client-id`. */
const CLIENT_INPUTS = ['token-url', 'scope', 'token-parameters', 'oidc-audience'] as const;

/** Inputs of which none works without the other. */
const PAIRS = [
  ['password', 'username'],
  ['username', 'password'],
  ['client-id', 'client-secret'],
] as const;

/** A form field; its name is one of RFC 6749, 8.2. Anything else is probably a value without a name. */
const FIELD = /^([\w.-]+)\s*=\s*(.*)$/;

/** Reads the credentials: exactly one authentication method. */
export function readCredentials(inputs: Inputs, url: string, env: Environment): CredentialSettings {
  const token = inputs.secret('token')?.trim() || undefined;
  const username = inputs.given('username');
  const password = inputs.secret('password');
  const clientId = inputs.given('client-id');
  const clientSecret = inputs.secret('client-secret');

  const method = inputs.oneOf('client-auth-method', CLIENT_AUTH_METHODS);
  checkGroups(inputs, [token, username ?? password, clientId ?? clientSecret], method);
  const pairs = { username, password, 'client-id': clientId, 'client-secret': clientSecret };
  for (const [one, other] of PAIRS) {
    if (pairs[one] === undefined && pairs[other] !== undefined)
      inputs.error(`${one}: is missing. ${other} requires it.`);
  }
  if (token !== undefined && !BEARER_TOKEN.test(token)) {
    inputs.error(
      'token: contains invalid characters. Set only the token, without "Bearer" or quotes. (The value is hidden.)',
    );
  }
  if (username?.includes(':'))
    inputs.error(
      'username: contains a colon, which Basic authentication does not allow. Set the password in its own input. (The value is hidden.)',
    );

  if (clientId !== undefined) return readClient(inputs, { clientId, clientSecret, method }, url, env);
  if (token !== undefined) return { kind: 'bearer', token };
  return { kind: 'basic', username: username ?? '', password: password ?? '' };
}

type Method = ClientAuthentication['method'];

/** Checks that one group of inputs is set, and none that has no effect with it. */
function checkGroups(inputs: Inputs, groups: readonly (string | undefined)[], method: Method | undefined): void {
  const found = groups.filter((input) => input !== undefined).length;
  const forClient = CLIENT_INPUTS.filter((name) => inputs.given(name) !== undefined);
  const needsClient = method === 'github_oidc' ? 'client-auth-method github_oidc' : forClient[0];
  if (found === 0 && needsClient !== undefined) inputs.error(`client-id: is missing. ${needsClient} requires it.`);
  else if (found !== 1) inputs.error(`Set exactly one authentication method (found ${found}): ${GROUPS}.`);
  else if (groups.at(-1) === undefined)
    for (const name of forClient) inputs.error(`${name}: has no effect without client-id. Remove it.`);
}

/** The client as far as its inputs say, each for itself. */
interface Client {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  /** Undefined if it is not supported: then its companions cannot be checked. */
  readonly method: Method | undefined;
}

function readClient(inputs: Inputs, client: Client, url: string, env: Environment): ClientSettings {
  const given = inputs.given('token-url');
  const tokenUrl = given === undefined ? url + TOKEN_PATH : readHttpsUrl(inputs, 'token-url', given);
  return {
    kind: 'client',
    clientId: client.clientId,
    authentication: readAuthentication(inputs, client, tokenUrl, env),
    tokenUrl,
    scope: inputs.given('scope'),
    parameters: readParameters(inputs),
  };
}

function readAuthentication(
  inputs: Inputs,
  { clientSecret, method }: Client,
  tokenUrl: string,
  env: Environment,
): ClientAuthentication {
  const audience = inputs.given('oidc-audience');
  if (method === 'github_oidc') {
    if (clientSecret !== undefined)
      inputs.error('client-secret: must be empty with client-auth-method github_oidc. Remove it.');
    return { method, oidc: { ...readRequest(inputs, env), audience: audience ?? tokenUrl } };
  }
  if (method !== undefined) {
    if (clientSecret === undefined) inputs.error('client-secret: is missing. client-id requires it.');
    if (audience !== undefined)
      inputs.error('oidc-audience: has no effect without client-auth-method github_oidc. Set that, or remove it.');
  }
  return { method: method ?? 'client_secret_basic', clientSecret: clientSecret ?? '' };
}

/** Reads where to request OIDC tokens: the runner sets both variables if the workflow job has the permission. */
function readRequest(inputs: Inputs, env: Environment) {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: requestUrl = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken = '' } = env;
  if (!requestUrl || !requestToken)
    inputs.error(
      'client-auth-method: github_oidc requires the permission id-token: write. Add it to the workflow or the job and, in a reusable workflow, also to the workflow that calls it. Pull requests from forks cannot have it.',
    );
  else if (!isSecure(URL.parse(requestUrl)))
    inputs.error(
      'client-auth-method: github_oidc requires an https URL in ACTIONS_ID_TOKEN_REQUEST_URL of the runner. (The value is hidden.)',
    );
  return { requestUrl, requestToken };
}

/** One `name=value` a line. Values are never shown: one may be a secret. */
function readParameters(inputs: Inputs): [name: string, value: string][] {
  const lines = (inputs.given('token-parameters') ?? '').split(/\r\n|\r|\n/);
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const [, name = '', value = ''] = FIELD.exec(line.trim()) ?? [];
    const problem = parameterProblem(name, value);
    if (problem !== undefined) inputs.error(`token-parameters: line ${index + 1} ${problem}`);
    return [[name, value]];
  });
}

function parameterProblem(name: string, value: string): string | undefined {
  if (name === '') return 'is not name=value. (It is hidden.)';
  const own = OWN_FIELDS.find((field) => field === name.toLowerCase());
  if (own !== undefined) return `sets ${own}, which the step sets itself. Remove it.`;
  return value === '' ? 'has no value. Set one, or remove it.' : undefined;
}
