import { type Accounts, basicCredentials, type ClientAuthMethod } from './accounts.ts';
import { githubJwks } from './github-oidc.ts';
import { verifiedClaims } from './jwt.ts';
import { type HttpResponse, json } from './responses.ts';

type TokenRequest = {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
};

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Responds to a client credentials grant as a token endpoint (RFC 6749, sections 4.4 and 5). */
export function tokenResponse(request: TokenRequest, accounts: Accounts): HttpResponse {
  if (!request.contentType?.startsWith('application/x-www-form-urlencoded')) {
    return tokenError(400, 'invalid_request', 'The body must be form-encoded.');
  }
  const form = new URLSearchParams(request.body);
  const { tokenLifetimeSeconds, requiredFields = {} } = accounts.credentials;
  const rejection = authenticate(form, basicCredentials(request.authorization), accounts);
  if (rejection !== undefined) return rejection;
  const grant = form.get('grant_type');
  if (grant === null) return tokenError(400, 'invalid_request', 'grant_type is missing.');
  if (grant !== 'client_credentials') {
    return tokenError(400, 'unsupported_grant_type', 'Only client_credentials is supported.');
  }
  const missing = Object.entries(requiredFields).find(([name, value]) => form.get(name) !== value);
  if (missing !== undefined)
    return tokenError(400, 'invalid_target', `No ${missing[0]} parameter was provided, or a wrong one.`);
  const scope = form.get('scope');
  return tokenJson(200, {
    access_token: accounts.issue(),
    token_type: 'Bearer',
    expires_in: tokenLifetimeSeconds,
    ...(scope !== null && { scope }),
  });
}

/** Returns the error of a client that does not prove who it is. */
function authenticate(
  form: URLSearchParams,
  basic: ReturnType<typeof basicCredentials>,
  accounts: Accounts,
): HttpResponse | undefined {
  const methods: ClientAuthMethod[] = [
    ...(basic ? (['client_secret_basic'] as const) : []),
    ...(form.has('client_secret') ? (['client_secret_post'] as const) : []),
    ...(form.has('client_assertion') ? (['private_key_jwt'] as const) : []),
  ];
  const [method, other] = methods;
  if (other !== undefined) return tokenError(400, 'invalid_request', 'The request has two authentication methods.');
  if (method === undefined) return invalidClient('The request has no client authentication.');
  if (accounts.credentials.clientAuthMethods?.includes(method) === false)
    return invalidClient(`The authentication method ${method} is not allowed.`);
  const id = form.get('client_id') ?? '';
  if (method === 'private_key_jwt') return assertionProblem(id, form, accounts);
  const client = basic
    ? { id: formDecoded(basic.name), secret: formDecoded(basic.secret) }
    : { id, secret: form.get('client_secret') };
  const { clients } = accounts.credentials;
  if (Object.hasOwn(clients, client.id) && clients[client.id] === client.secret) return undefined;
  return invalidClient('The client ID or the client secret is wrong.');
}

/** Checks the OIDC token by which a client without a secret authenticates. */
function assertionProblem(id: string, form: URLSearchParams, accounts: Accounts): HttpResponse | undefined {
  const { federations = {} } = accounts.credentials;
  const federation = Object.hasOwn(federations, id) ? federations[id] : undefined;
  if (federation === undefined) return invalidClient('The client ID is wrong, or its client accepts no assertion.');
  if (form.get('client_assertion_type') !== JWT_BEARER)
    return tokenError(400, 'invalid_request', 'The type of the assertion is not supported.');
  const claims = verifiedClaims(form.get('client_assertion') ?? '', githubJwks());
  if (claims === undefined) return invalidClient('The assertion is not signed by a key of the issuer.');
  const expected = { iss: federation.issuer, sub: federation.subject, aud: federation.audience };
  const wrong = Object.entries(expected).find(([name, value]) => claims[name] !== value);
  if (wrong !== undefined) return invalidClient(`The assertion has the ${wrong[0]} ${String(claims[wrong[0]])}.`);
  const seconds = accounts.now() / 1000;
  const isValid = seconds >= Number(claims['nbf']) && seconds < Number(claims['exp']);
  return isValid ? undefined : invalidClient('The assertion is not within its valid time range.');
}

function invalidClient(description: string): HttpResponse {
  return tokenError(401, 'invalid_client', description);
}

function tokenError(status: number, error: string, description: string): HttpResponse {
  const challenge = status === 401 ? { 'www-authenticate': 'Basic realm="Collibra"' } : undefined;
  return tokenJson(status, { error, error_description: description }, challenge);
}

function tokenJson(status: number, value: unknown, headers: Record<string, string> = {}): HttpResponse {
  return json(status, value, { 'cache-control': 'no-store', pragma: 'no-cache', ...headers });
}

/** Decodes the form encoding that RFC 6749 requires before the Basic scheme. */
function formDecoded(text: string): string {
  return new URLSearchParams(`value=${text}`).get('value') ?? '';
}
