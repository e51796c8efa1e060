import type { Life } from '../scenario.ts';
import { baseUrlOf, idOf, JOB_NAME, JOB_TYPE, OTHER_TOKEN_URL, USERS } from './names.ts';

const CREDENTIALS = {
  bearer: { token: 'eyJ.fixed.token' },
  basic: { username: 'loader', password: 'pa:ss wörd' },
  client: { 'client-id': 'urn:sys:env:1:i:2', 'client-secret': 's+cret/%' },
};

/** The Authorization value that the server takes: from the client, at the token endpoint. */
export const AUTHORIZATION = {
  bearer: 'Bearer eyJ.fixed.token',
  basic: 'Basic bG9hZGVyOnBhOnNzIHfDtnJk',
  client: 'Basic dXJuJTNBc3lzJTNBZW52JTNBMSUzQWklM0EyOnMlMkJjcmV0JTJGJTI1',
};

/** The inputs of action.yml, as a workflow would write them. */
export function inputsOf(life: Life): Readonly<Record<string, string>> {
  const { settings } = life;
  const isOtherHost = settings.credentials === 'client of another host';
  return {
    url: `${baseUrlOf(life)}/`,
    ...targetInputs(life),
    ...CREDENTIALS[isOtherHost ? 'client' : settings.credentials],
    ...(isOtherHost ? { 'token-url': OTHER_TOKEN_URL } : {}),
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

function targetInputs({ settings: { target } }: Life): Record<string, string> {
  if (target.by === 'name') {
    return {
      'job-name': JOB_NAME,
      'lookback-minutes': decimal(target.lookbackMs / 60_000),
      ...(target.withType ? { 'job-type': JOB_TYPE } : {}),
      ...(target.withUser ? { 'job-user': USERS.wanted } : {}),
    };
  }
  const ids = target.order.map(idOf).map((id) => (target.upperCase ? id.toUpperCase() : id));
  return { 'job-id': target.asJson ? JSON.stringify(ids) : ids.join(',\n ') };
}

/** Never in the notation with an exponent. */
function decimal(n: number): string {
  return n.toFixed(9);
}
