import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of this repository, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

export const read = (path: string) => readFileSync(root + path, 'utf8');

/** The documents for users of the action: README.md and docs. */
export const userDocuments = [
  'README.md',
  ...readdirSync(`${root}docs`)
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

/** All documents that are published with the action. */
export const documents = [...userDocuments, 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];
