import {
  createPublicKey,
  createSign,
  createVerify,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';

/** The claims of a token. */
export type Claims = Readonly<Record<string, unknown>>;

/** A key that signs tokens, and its name in a {@link Jwks}. */
export type SigningKey = { readonly kid: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject };

/** Public keys (RFC 7517). */
export type Jwks = { readonly keys: readonly (JsonWebKey & { readonly kid: string })[] };

/** Generates a key for RS256, the algorithm of GitHub's OIDC tokens. */
export function generateSigningKey(kid: string): SigningKey {
  return { kid, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}

/** Publishes a key. */
export function jwksOf({ kid, publicKey }: SigningKey): Jwks {
  return { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] };
}

/** Signs a token (RFC 7519). */
export function signJwt(claims: Claims, { kid, privateKey }: SigningKey): string {
  const signed = [{ typ: 'JWT', alg: 'RS256', kid }, claims].map((part) => encoded(JSON.stringify(part))).join('.');
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey).toString('base64url')}`;
}

/** Reads a token; returns undefined unless one of the keys has signed it. */
export function verifiedClaims(token: string, { keys }: Jwks): Claims | undefined {
  const [header = '', claims = '', signature = ''] = token.split('.');
  try {
    const { alg, kid } = decoded(header);
    const key = keys.find((one) => one.kid === kid);
    if (alg !== 'RS256' || key === undefined) return undefined;
    const verifier = createVerify('RSA-SHA256').update(`${header}.${claims}`);
    const isSigned = verifier.verify(createPublicKey({ key, format: 'jwk' }), Buffer.from(signature, 'base64url'));
    return isSigned ? decoded(claims) : undefined;
  } catch {
    return undefined;
  }
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function decoded(part: string): Claims {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims;
}
