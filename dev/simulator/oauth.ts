import { type Accounts, basicCredentials } from './accounts.ts';
import { type Answer, json } from './answers.ts';

type TokenRequest = {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
};

/** The answer of the token endpoint to a client credentials grant (RFC 6749, sections 4.4 and 5). */
export function tokenAnswer(request: TokenRequest, accounts: Accounts): Answer {
  if (!request.contentType?.startsWith('application/x-www-form-urlencoded')) {
    return refusal(400, 'invalid_request', 'The body must be form-encoded.');
  }
  const form = new URLSearchParams(request.body);
  const basic = basicCredentials(request.authorization);
  if (basic && form.has('client_secret')) {
    return refusal(400, 'invalid_request', 'Two ways of authentication in one request.');
  }
  const client = basic
    ? { id: formDecoded(basic.name), secret: formDecoded(basic.secret) }
    : { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' };
  const { clients, tokenLifetimeSeconds } = accounts.credentials;
  if (!Object.hasOwn(clients, client.id) || clients[client.id] !== client.secret) {
    return refusal(401, 'invalid_client', 'The client id or its secret is wrong.');
  }
  const grant = form.get('grant_type');
  if (grant === null) return refusal(400, 'invalid_request', 'grant_type is missing.');
  if (grant !== 'client_credentials') {
    return refusal(400, 'unsupported_grant_type', 'Only client_credentials is served.');
  }
  const scope = form.get('scope');
  return tokenJson(200, {
    access_token: accounts.issue(),
    token_type: 'Bearer',
    expires_in: tokenLifetimeSeconds,
    ...(scope !== null && { scope }),
  });
}

function refusal(status: number, error: string, description: string): Answer {
  const challenge = status === 401 ? { 'www-authenticate': 'Basic realm="Collibra"' } : undefined;
  return tokenJson(status, { error, error_description: description }, challenge);
}

function tokenJson(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return json(status, value, { 'cache-control': 'no-store', pragma: 'no-cache', ...headers });
}

/** Undoes form-url-encoding, which RFC 6749 asks for before the Basic scheme. */
function formDecoded(text: string): string {
  return new URLSearchParams(`value=${text}`).get('value') ?? '';
}
