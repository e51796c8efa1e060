import { formEncoded } from '../text.ts';
import { CollibraError, isTransient } from './errors.ts';
import { isSuccessful } from './http/classify.ts';
import type { Requests } from './http/requests.ts';
import { object, string } from './schema.ts';

/** GitHub's OIDC endpoint for the workflow job: two variables of the runner, and the audience to ask for. */
export interface GithubOidc {
  /** `ACTIONS_ID_TOKEN_REQUEST_URL`. */
  readonly requestUrl: string;
  /** `ACTIONS_ID_TOKEN_REQUEST_TOKEN`. */
  readonly requestToken: string;
  readonly audience: string;
}

/** What messages say in place of the address, which belongs to the workflow job alone. */
const ENDPOINT = "GitHub's OIDC endpoint";

const idToken = { what: 'an OIDC token', schema: object({ value: string() }) };

/**
 * Requests an OIDC token of the workflow job from GitHub. It is valid for about five minutes.
 * @param onSecret called with every secret before it is sent
 * @throws CollibraError if there is none; the signal's reason
 */
export async function requestIdToken(
  { requestUrl, requestToken, audience }: GithubOidc,
  requests: Requests,
  signal: AbortSignal,
  onSecret: (secret: string) => void,
): Promise<string> {
  const [address = '', query] = requestUrl.split('?');
  for (const secret of [requestToken, requestUrl, address]) onSecret(secret);
  const url = `${requestUrl}${query === undefined ? '?' : '&'}audience=${formEncoded(audience).replaceAll('+', '%20')}`;
  const headers = { accept: 'application/json', authorization: `Bearer ${requestToken}` };
  const request = { method: 'GET', url, shownAs: ENDPOINT, headers } as const;
  const response = await requests.send(request, { signal, goesFirst: true });
  if (!isSuccessful(response)) {
    const { kind, label, facts, retryAfterMs } = requests.error(response, ENDPOINT, '');
    const advice = isTransient(kind) ? '' : 'Check oidc-audience, and the permission id-token: write.';
    const details = { retryAfterMs, advice };
    throw new CollibraError(advice ? 'unauthorized' : 'transient', `${label} from ${ENDPOINT}`, facts, details);
  }
  const { value } = requests.json(response, ENDPOINT, idToken).value;
  if (value === '') throw new CollibraError('transient', 'no OIDC token', `${ENDPOINT} returned no token.`);
  onSecret(value);
  return value;
}
