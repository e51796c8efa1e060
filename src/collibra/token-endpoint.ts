import type { Clock } from '../clock.ts';
import { basicAuthorization, BEARER_TOKEN, formEncoded } from '../text.ts';
import { CollibraError, isTransient } from './errors.ts';
import { requestIdToken, type GithubOidc } from './github-oidc.ts';
import { isSuccessful } from './http/classify.ts';
import type { Requests } from './http/requests.ts';
import { serverWords } from './http/server-words.ts';
import type { HttpResponse } from './http/transport.ts';
import { fallback, lenient, object, parse, parseJson, string, textOrNumber, type InferOutput } from './schema.ts';

/** An OAuth 2.0 client and its token endpoint. */
export interface ClientSettings {
  readonly kind: 'client';
  readonly clientId: string;
  readonly authentication: ClientAuthentication;
  readonly tokenUrl: string;
  readonly scope: string | undefined;
  /** More fields of the form. */
  readonly parameters: readonly Field[];
}

/** How the client authenticates: with its secret (RFC 6749, 2.3.1), or with an OIDC token of GitHub (RFC 7523, 2.2). */
export type ClientAuthentication =
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly clientSecret: string }
  | { readonly method: 'github_oidc'; readonly oidc: GithubOidc };

type Field = [name: string, value: string];

/** The fields of the form that the action sets itself. */
export const OWN_FIELDS = [
  'grant_type',
  'scope',
  'client_id',
  'client_secret',
  'client_assertion_type',
  'client_assertion',
];

/** An access token, as the `Authorization` header that sends it. Times are on the clock's scale. */
export interface Token {
  readonly authorization: string;
  readonly issuedAt: number;
  /** Infinity if the server did not say. */
  readonly renewAt: number;
  readonly expiresAt: number;
}

/**
 * A token is renewed this long before it expires, in milliseconds, so that none expires while a request is sent. A
 * short-lived one is used for at least half of its lifetime, because otherwise each request would ask for a new one.
 */
const RENEW_BEFORE_MS = 30_000;

/** RFC 6749, 5.1. `expires_in` is in seconds; some identity providers send it as a string. */
const tokenResponse = {
  what: 'an access token',
  schema: object({
    access_token: string(),
    token_type: fallback(string(), ''),
    expires_in: lenient(textOrNumber),
  }),
};

/** RFC 6749, 5.2. */
const tokenError = object({ error: string() });

/** An error code as OAuth servers send it. Others send a field `error`, too: Spring has `Bad Request` in it. */
const OAUTH_ERROR = /^[a-z_]+$/;

/** Errors of RFC 6749, 5.2 and what providers add to it, after which the same request may succeed. */
const TRANSIENT_OAUTH_ERRORS = new Set(['temporarily_unavailable', 'server_error', 'slow_down']);

/** Errors that a provider sends to a client that should authenticate in another way. */
const CLIENT_ERROR = /^(invalid_client|unauthorized_client|invalid_request)$/;

const NEVER = new AbortController().signal;

/**
 * Requests an access token for client credentials (RFC 6749, 4.4).
 * @param onSecret called with every secret that is sent and no input, before it is sent
 * @throws CollibraError if none was issued
 */
export async function requestToken(
  settings: ClientSettings,
  requests: Requests,
  clock: Clock,
  onSecret: (secret: string) => void,
): Promise<Token> {
  const { tokenUrl, scope, parameters } = settings;
  let sentAt = NaN;
  const makeBody = async () => {
    const client = await clientFields(settings, requests, onSecret);
    sentAt = clock.now();
    const own: Field[] = [['grant_type', 'client_credentials']];
    if (scope !== undefined) own.push(['scope', scope]);
    return new URLSearchParams([...own, ...client, ...parameters]).toString();
  };
  const request = { method: 'POST', url: tokenUrl, headers: headersOf(settings, onSecret) } as const;
  // Every other request needs the token.
  const response = await requests.send(request, { signal: NEVER, makeBody, goesFirst: true });
  if (!isSuccessful(response)) throw rejection(response, settings, requests);

  const token = requests.json(response, tokenUrl, tokenResponse).value;
  const lifetimeMs = Number(token.expires_in) > 0 ? Number(token.expires_in) * 1000 : Infinity;
  return {
    authorization: `Bearer ${bearerOf(token, tokenUrl, requests, onSecret)}`,
    issuedAt: clock.now(),
    renewAt: sentAt + Math.max(lifetimeMs - RENEW_BEFORE_MS, lifetimeMs / 2),
    expiresAt: sentAt + lifetimeMs,
  };
}

function headersOf({ clientId, authentication }: ClientSettings, onSecret: (secret: string) => void) {
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
  if (authentication.method !== 'client_secret_basic') return headers;
  // Form-encoded first (RFC 6749, 2.3.1).
  const authorization = basicAuthorization(formEncoded(clientId), formEncoded(authentication.clientSecret));
  onSecret(authorization.replace('Basic ', ''));
  return { ...headers, authorization };
}

/** The fields by which the client authenticates. GitHub's token is requested each time, because it expires soon. */
async function clientFields(
  { clientId, authentication }: ClientSettings,
  requests: Requests,
  onSecret: (secret: string) => void,
): Promise<Field[]> {
  const id: Field = ['client_id', clientId];
  if (authentication.method === 'github_oidc') {
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const assertion = await requestIdToken(authentication.oidc, requests, NEVER, onSecret);
    return [id, ['client_assertion_type', type], ['client_assertion', assertion]];
  }
  const { method, clientSecret } = authentication;
  onSecret(formEncoded(clientSecret));
  return method === 'client_secret_post' ? [id, ['client_secret', clientSecret]] : [];
}

/** Returns the token itself, if it is one that the action can use. */
function bearerOf(
  { access_token: token, token_type: type }: InferOutput<typeof tokenResponse.schema>,
  tokenUrl: string,
  requests: Requests,
  onSecret: (secret: string) => void,
): string {
  if (!BEARER_TOKEN.test(token))
    throw unusable(tokenUrl, 'invalid token', 'returned a token that cannot be sent in a header');
  onSecret(token);
  if (type === '' || type.toLowerCase() === 'bearer') return token;
  const shown = requests.redactAndTruncate(type, 100);
  const what = `issues tokens of the type ${shown}, but only bearer tokens are supported`;
  throw unusable(tokenUrl, 'unsupported token type', what);
}

/**
 * Without a token no request is possible, so a permanent error here fails all jobs. Only an OAuth error is one: any
 * other response may come from a gateway.
 */
function rejection(
  response: HttpResponse,
  { tokenUrl, authentication }: ClientSettings,
  requests: Requests,
): CollibraError {
  const { kind, label, facts, retryAfterMs } = requests.error(response, tokenUrl, '');
  const tokenLabel = `${label} from the token endpoint`;
  const { error = '' } = parse(tokenError, parseJson(response.body)) ?? {};
  const isOAuthError = OAUTH_ERROR.test(error) && !TRANSIENT_OAUTH_ERRORS.has(error);
  if (!isOAuthError || isTransient(kind) || kind === 'not-found')
    return new CollibraError('transient', tokenLabel, facts, { retryAfterMs });
  const words = serverWords(response, requests.redactAndTruncate);
  const rejected = `The token endpoint ${tokenUrl} issued no access token (${label}). ${words}`;
  const advice = adviceOn(error, words, authentication.method);
  return new CollibraError('unauthorized', tokenLabel, rejected, { advice });
}

/** Names the inputs to check, the method, and what the provider may require instead. */
function adviceOn(error: string, words: string, method: ClientAuthentication['method']): string {
  const isOidc = method === 'github_oidc';
  const other = method === 'client_secret_basic' ? 'client_secret_post' : 'client_secret_basic';
  const perhaps = CLIENT_ERROR.test(error) ? ` Perhaps the provider requires ${other}.` : '';
  const then = isOidc ? ' Check that the provider accepts the OIDC tokens of this workflow job.' : perhaps;
  // With an OIDC token, the audience that the provider speaks of is that of this token.
  const parameters = (isOidc ? /resource|invalid_target/i : /audience|resource|invalid_target/i).test(words)
    ? ' If the provider requires an audience or a resource, set it in token-parameters.'
    : '';
  const inputs = `client-id, ${isOidc ? 'oidc-audience' : 'client-secret'}, scope and token-url`;
  return `Check ${inputs}. The client-auth-method was ${method}.${then}${parameters}`;
}

function unusable(tokenUrl: string, label: string, what: string): CollibraError {
  const facts = `The token endpoint ${tokenUrl} ${what}.`;
  return new CollibraError('unauthorized', label, facts, { advice: 'Check token-url.' });
}
