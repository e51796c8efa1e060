import type { Life } from '../scenario.ts';

/** What things are called in every life. */
const ORIGIN = 'https://acme.collibra.example';
export const OTHER_TOKEN_URL = 'https://login.example/oauth/token';
export const JOB_NAME = 'Nightly import';
export const JOB_TYPE = 'IMPORT';
export const USERS = {
  wanted: 'abcdef00-0000-4000-8000-0000000000aa',
  other: 'abcdef00-0000-4000-8000-0000000000bb',
};

/** The id of a job by its index in the life. */
export function idOf(index: number): string {
  return `abcdef00-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
}

/** The index of a job by its id; undefined for an id that no job of the life has. */
export function indexOf(id: string, life: Life): number | undefined {
  const index = life.jobs.findIndex((_, one) => idOf(one) === id);
  return index < 0 ? undefined : index;
}

/** The base URL of the environment. */
export function baseUrlOf(life: Life): string {
  return ORIGIN + life.server.pathPrefix;
}

/** Where tokens are asked for. */
export function tokenUrlOf(life: Life): string {
  return life.settings.credentials === 'client of another host'
    ? OTHER_TOKEN_URL
    : `${baseUrlOf(life)}/rest/oauth/v2/token`;
}
