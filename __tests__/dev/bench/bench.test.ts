import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { describe, expect, jest, test } from '@jest/globals';

import { modelNamed } from '../../../dev/bench/models.ts';
import { peers, thisAction } from '../../../dev/bench/pollers.ts';
import { seeded } from '../../../dev/bench/random.ts';
import { spreadDurations, survey, waitFor, type Poller } from '../../../dev/bench/simulate.ts';
import { read, root } from '../../../dev/scripts/documents.ts';

jest.setTimeout(60_000);

const none = modelNamed('none');

const every = (ms: number, firstMs = 0): Poller => ({ name: 'fixed', start: () => (seen) => (seen ? ms : firstMs) });

describe('a simulated wait', () => {
  test.each([
    [13_225, { sentMs: [3_000, 13_150], delayMs: 75 }],
    [13_226, { sentMs: [3_000, 13_150, 23_300], delayMs: 23_450 - 13_226 }],
  ])('for a job of %i ms ends with the first request that the server reads after its end', (durationMs, wait) => {
    expect(waitFor(none.job(durationMs, seeded(1)), every(10_000, 3_000), seeded(1))).toEqual(wait);
  });

  test('shows the poller what the server read half a round trip before', () => {
    const seen: unknown[] = [];
    const spy: Poller = { name: 'spy', start: () => (one) => (one === undefined ? 0 : seen.push(one) && 24_850) };
    waitFor(modelNamed('linear').job(75_000, seeded(1)), spy, seeded(1));
    const at = (sentMs: number) => ({ atMs: sentMs + 150, running: true, progress: (sentMs + 75) / 750 });
    expect(seen).toEqual([0, 25_000, 50_000].map(at));
  });
});

test('a survey returns the means of its jobs', () => {
  const [short = 0, long = 0] = spreadDurations(2);
  const endMs = 1e9 + 300;
  expect(survey(none, every(1e9), 2)).toEqual({
    requests: 2,
    delayMs: expect.closeTo(endMs - (short + long) / 2, 3),
    relativeDelay: expect.closeTo((endMs / short + endMs / long) / 2 - 1, 6),
  });
});

test.each([5, 20, 50, 100])('a model fails in %p of 100 jobs, uniformly in progress', (rate) => {
  const lastOf = (seed: number) =>
    modelNamed(`linear, ${rate}% fail midway`)
      .job(1_000, seeded(seed))
      .at(1_000 - 1e-6).progress ?? NaN;
  const failed = Array.from({ length: 4_000 }, (_, seed) => lastOf(seed)).filter((progress) => progress < 99.999);
  expect(failed.length / 40).toBeCloseTo(rate, -1);
  const mean = failed.reduce((sum, progress) => sum + progress) / failed.length;
  expect(Math.abs(mean - 50)).toBeLessThan(5);
});

test('npm run bench prints the same tables each time, and does not change the picture', async () => {
  const picture = read('dev/bench/polling.svg');
  const bench = () =>
    promisify(execFile)(process.execPath, [`${root}dev/bench/main.ts`, '--no-process', '--jobs', '30']);
  const [first, second] = await Promise.all([bench(), bench()]);
  expect(first.stdout).toBe(second.stdout);
  expect(first.stdout.match(/^## .*/gm)).toEqual([
    '## Polling rules: mean delay / requests',
    '## This action and others',
    '## This action, by what progress does',
  ]);
  expect(first.stdout).not.toMatch(/NaN|undefined|Infinity/);
  expect(read('dev/bench/polling.svg')).toBe(picture);
});

test('the picture has a dot and a name for each poller, no name over another, and loads nothing', () => {
  const svg = read('dev/bench/polling.svg');
  const dots = /<circle .*?\/><text x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)"[^>]*>(.*?)<\/text>/g;
  const names = Array.from(svg.matchAll(dots), ([, x, y, anchor, name = '']) => {
    const width = 6 * name.length;
    return { name, left: Number(x) - (anchor === 'end' ? width : 0), width, y: Number(y) };
  });
  const ours = ['no progress', 'linear progress'].map((progress) => `${thisAction.name}, ${progress}`);
  expect(names.map(({ name }) => name)).toEqual([...ours, ...peers.map(({ name }) => name)]);
  type Name = (typeof names)[number];
  const overlap = (one: Name, other: Name) =>
    Math.abs(one.y - other.y) < 16 && one.left < other.left + other.width && other.left < one.left + one.width;
  expect(names.filter((one) => names.some((other) => other !== one && overlap(one, other)))).toEqual([]);
  expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|href|url\(|<style|<script|NaN|undefined/);
});
