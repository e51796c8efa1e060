/** Prints the release notes of a version from CHANGELOG.md: `node dev/scripts/release-notes.ts v1.2.3`. */
import { readFileSync } from 'node:fs';

/**
 * Returns the section of a version in the change log.
 * @param tag for example `v1.2.3`
 * @throws Error if the tag is not the version of the package, or if the change log has no dated section for it
 */
export function releaseNotes(tag: string, changelog: string, packageJson: string): string {
  const version = tag.replace(/^v/, '');
  const { version: own } = JSON.parse(packageJson) as { version: string };
  if (version !== own) throw new Error(`The tag is ${tag}, but package.json has version ${own}.`);
  const sections = changelog.split(/^(?=## )/m);
  const section = sections.find((one) => one.startsWith(`## [${version}] - `));
  const [heading = '', ...lines] = section?.split('\n') ?? [];
  if (!/ - \d{4}-\d\d-\d\d$/.test(heading)) throw new Error(`CHANGELOG.md has no dated section for ${version}.`);
  const notes = lines
    .filter((line) => !/^\[[^\]]+\]: /.test(line))
    .join('\n')
    .trim();
  if (notes === '') throw new Error(`CHANGELOG.md has no entries for ${version}.`);
  return `${notes}\n`;
}

if (import.meta.main) {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  process.stdout.write(releaseNotes(process.argv[2] ?? '', read('CHANGELOG.md'), read('package.json')));
}
