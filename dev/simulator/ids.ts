import { createHash, randomUUID } from 'node:crypto';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Tells whether a text is a UUID, in upper or lower case. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Derives a UUID from a text: the same text always has the same UUID. */
export function uuidOf(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** Returns a generator of UUIDs, which are reproducible with a seed and random without one. */
export function idSource(seed: number | undefined): () => string {
  let made = 0;
  return () => (seed === undefined ? randomUUID() : uuidOf(`${seed}/${made++}`));
}
