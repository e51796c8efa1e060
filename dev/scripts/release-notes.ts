/** Prints the notes of a release from the change log: `node dev/scripts/release-notes.ts v1.2.3`. */
import { readFileSync } from 'node:fs';

/**
 * The section of a version in a change log.
 * @param tag `v1.2.3`
 * @throws Error where the tag is not the package's version, or the change log has no dated section for it
 */
export function releaseNotes(tag: string, changelog: string, packageJson: string): string {
  const version = tag.replace(/^v/, '');
  const { version: own } = JSON.parse(packageJson) as { version: string };
  if (version !== own) throw new Error(`The tag is ${tag}, but package.json has version ${own}.`);
  const sections = changelog.split(/^(?=## )/m);
  const section = sections.find((one) => one.startsWith(`## [${version}] - `));
  const [heading = '', ...lines] = section?.split('\n') ?? [];
  if (!/ - \d{4}-\d\d-\d\d$/.test(heading))
    throw new Error(`CHANGELOG.md has no dated section for ${version}.`);
  const notes = lines
    .filter((line) => !/^\[[^\]]+\]: /.test(line))
    .join('\n')
    .trim();
  if (notes === '') throw new Error(`CHANGELOG.md says nothing of ${version}.`);
  return `${notes}\n`;
}

if (import.meta.main) {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  process.stdout.write(releaseNotes(process.argv[2] ?? '', read('CHANGELOG.md'), read('package.json')));
}
