import { BEARER_TOKEN, type CredentialSettings } from '../collibra/auth.ts';
import { readHttpsUrl, type Inputs } from './reader.ts';

/** The token endpoint of a Collibra environment. */
const TOKEN_PATH = '/rest/oauth/v2/token';

const METHODS = 'token, username with password, or client-id with client-secret';

/** Inputs of which none works without the other. */
const PAIRS = [
  ['password', 'username'],
  ['username', 'password'],
  ['client-secret', 'client-id'],
  ['client-id', 'client-secret'],
] as const;

/** Reads the credentials: exactly one authentication method. */
export function readCredentials(inputs: Inputs, url: string): CredentialSettings {
  const token = inputs.secret('token')?.trim() || undefined;
  const username = inputs.given('username');
  const password = inputs.secret('password');
  const clientId = inputs.given('client-id');
  const clientSecret = inputs.secret('client-secret');
  const scope = inputs.given('scope');

  const methods = [[token], [username, password], [clientId, clientSecret]].filter((method) =>
    method.some((input) => input !== undefined),
  );
  if (methods.length !== 1)
    inputs.error(`Set exactly one authentication method (found ${methods.length}): ${METHODS}.`);
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

  const tokenUrl = inputs.given('token-url');
  const endpoint = tokenUrl === undefined ? url + TOKEN_PATH : readHttpsUrl(inputs, 'token-url', tokenUrl);
  if (token !== undefined) return { kind: 'bearer', token };
  if (clientId === undefined) return { kind: 'basic', username: username ?? '', password: password ?? '' };
  return { kind: 'client', clientId, clientSecret: clientSecret ?? '', tokenUrl: endpoint, scope };
}
