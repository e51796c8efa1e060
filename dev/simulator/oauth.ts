import { type Accounts, basicCredentials } from './accounts.ts';
import { type HttpResponse, json } from './responses.ts';

type TokenRequest = {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
};

/** Responds to a client credentials grant as a token endpoint (RFC 6749, sections 4.4 and 5). */
export function tokenResponse(request: TokenRequest, accounts: Accounts): HttpResponse {
  if (!request.contentType?.startsWith('application/x-www-form-urlencoded')) {
    return tokenError(400, 'invalid_request', 'The body must be form-encoded.');
  }
  const form = new URLSearchParams(request.body);
  const basic = basicCredentials(request.authorization);
  if (basic && form.has('client_secret')) {
    return tokenError(400, 'invalid_request', 'The request has two authentication methods.');
  }
  const client = basic
    ? { id: formDecoded(basic.name), secret: formDecoded(basic.secret) }
    : { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' };
  const { clients, tokenLifetimeSeconds } = accounts.credentials;
  if (!Object.hasOwn(clients, client.id) || clients[client.id] !== client.secret) {
    return tokenError(401, 'invalid_client', 'The client ID or the client secret is wrong.');
  }
  const grant = form.get('grant_type');
  if (grant === null) return tokenError(400, 'invalid_request', 'grant_type is missing.');
  if (grant !== 'client_credentials') {
    return tokenError(400, 'unsupported_grant_type', 'Only client_credentials is supported.');
  }
  const scope = form.get('scope');
  return tokenJson(200, {
    access_token: accounts.issue(),
    token_type: 'Bearer',
    expires_in: tokenLifetimeSeconds,
    ...(scope !== null && { scope }),
  });
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
