import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

import { Provider, type Adapter, type AdapterPayload } from 'oidc-provider';

import { listen } from './tls.ts';

/** The credentials of the only client; they have characters that must be form-encoded (RFC 6749, 2.3.1). */
export const CLIENT = { id: 'data pipeline', secret: 's3cret: +%/&=~' };

/** Options of an identity provider. */
export type IdentityProviderOptions = {
  readonly lifetimeSeconds: number;
  /** From and to how many milliseconds after the first token request it responds with a 503 page. */
  readonly down?: readonly [fromMs: number, toMs: number];
};

/** Starts a real OAuth server, which issues opaque tokens for the scope `jobs`. */
export async function startIdentityProvider(options: IdentityProviderOptions) {
  const { lifetimeSeconds, down: [fromMs, toMs] = [0, 0] } = options;
  const tokens = new Tokens();
  const server = createServer();
  const url = `http://127.0.0.1:${await listen(server)}`;
  const provider = new Provider(url, {
    adapter: (model: string) => (model === 'ClientCredentials' ? tokens : new Tokens()),
    clients: [
      {
        ...{ client_id: CLIENT.id, client_secret: CLIENT.secret, grant_types: ['client_credentials'], scope: 'jobs' },
        ...{ redirect_uris: [], response_types: [], id_token_signed_response_alg: 'ES256' },
      },
    ],
    jwks: { keys: [generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })] },
    scopes: ['jobs'],
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    ttl: { ClientCredentials: lifetimeSeconds },
  });
  const handle = provider.callback();
  const times: number[] = [];
  server.on('request', (request, response) => {
    const now = Date.now();
    times.push(now);
    const sinceMs = now - (times[0] ?? now);
    if (sinceMs >= fromMs && sinceMs < toMs)
      response.writeHead(503, { 'content-type': 'text/html' }).end('<html>down</html>');
    else void handle(request, response);
  });
  return {
    tokenUrl: `${url}/token`,
    tokens,
    /** When each token request came. */
    times,
    close: () => server.close().closeAllConnections(),
  };
}

/** The tokens that were issued. Their IDs are what clients send. */
class Tokens implements Adapter {
  readonly issued: string[] = [];
  readonly #payloads = new Map<string, AdapterPayload>();

  /** Whether a token has not expired. */
  isValid(token: string): boolean {
    return (this.#payloads.get(token)?.exp ?? 0) * 1000 > Date.now();
  }

  upsert = (id: string, payload: AdapterPayload) => {
    this.issued.push(id);
    this.#payloads.set(id, payload);
    return Promise.resolve();
  };
  find = (id: string) => Promise.resolve(this.#payloads.get(id));
  findByUid = () => Promise.resolve(undefined);
  findByUserCode = () => Promise.resolve(undefined);
  consume = () => Promise.resolve();
  destroy = () => Promise.resolve();
  revokeByGrantId = () => Promise.resolve();
}
