import { describe, expect, test } from '@jest/globals';

import type { JobReport } from '../../../src/outcome.ts';
import { summaryOf } from '../../../src/report/summary/index.ts';
import { severalJobs, success } from '../samples.ts';
import { at, ID, run } from './support.ts';

describe('the timeline', () => {
  const chartOf = (...given: Parameters<typeof summaryOf>) =>
    /```mermaid\n(.*?)\n```/s.exec(summaryOf(...given))?.[1]?.split('\n');

  /** What the chart shows of the jobs, without the names of the bars, which are invisible. */
  const tasksOf = (...given: Parameters<typeof summaryOf>) => {
    const chart = chartOf(...given) ?? [];
    return chart
      .slice(chart.findIndex((line) => line.startsWith('section')))
      .map((line) => line.replace(/^\u034F /, ''));
  };
  const tasksOfJobs = (...jobs: JobReport[]) => tasksOf(run('success', ...jobs));

  /** The same without the dates. */
  const kindsOf = (tasks: readonly string[]) => tasks.map((line) => line.split(',')[0]);

  test('shows how long several jobs waited and ran, until the end of the step', () => {
    const chart = chartOf(severalJobs.report, severalJobs.options) ?? [];
    expect(chart.slice(0, 5)).toEqual([
      ...['---', 'displayMode: compact', '---', 'gantt', 'dateFormat YYYY-MM-DDTHH:mm:ss.SSS'],
    ]);
    expect(kindsOf(tasksOf(severalJobs.report, severalJobs.options))).toEqual([
      ...['section Job 1', ':active', 'section Job 2', ':done', ':crit', 'section Job 3', ':done', ':active'],
    ]);
    expect(summaryOf(severalJobs.report, severalJobs.options)).toMatch(
      /<\/table>\n\n```mermaid\n[^`]*\n```\n\n<p>Gray: waiting; blue: running; red: failed. Times in UTC.<\/p>\n\n<det/,
    );
  });

  test('is missing for one job, and if only one has times', () => {
    expect(summaryOf(success.report)).toMatch(/<\/table>\n\n<table>/);
    const unseen: JobReport = { id: ID, outcome: 'error', reason: 'No response.' };
    expect(chartOf(run('error', ...success.report.jobs, unseen))).toBeUndefined();
  });

  test('omits phases that end before they begin, and years that no chart can show', () => {
    expect(
      tasksOfJobs(at(1000, 3000, 2000), at(0, 1000, 3000), at(-1, 8.64e15, -8.64e15), at(undefined, 0, 0)),
    ).toEqual([
      'section Job 1',
      ':done, 1970-01-01T00:00:01.000, 1970-01-01T00:00:03.000',
      'section Job 2',
      ':done, 1970-01-01T00:00:00.000, 1970-01-01T00:00:01.000',
      ':active, 1970-01-01T00:00:01.000, 1970-01-01T00:00:03.000',
      'section Job 4',
      ':active, 1970-01-01T00:00:00.000, 1970-01-01T00:00:00.000',
    ]);
  });

  test('shows the years from 1970 to 9999', () => {
    const lastMs = Date.parse('9999-12-31T23:59:59.999Z');
    const shown = [at(undefined, 0, 1000), at(undefined, lastMs - 1000, lastMs)];
    expect(tasksOfJobs(at(-2, -1, 1000), ...shown, at(undefined, lastMs, lastMs + 1))).toEqual([
      'section Job 2',
      ':active, 1970-01-01T00:00:00.000, 1970-01-01T00:00:01.000',
      'section Job 3',
      ':active, 9999-12-31T23:59:58.999, 9999-12-31T23:59:59.999',
    ]);
  });

  test('does not draw a wait that is too short to be seen', () => {
    const jobs = [1, 0.9].map((wait) => at(0, wait * 60_000, 3_600_000));
    expect(kindsOf(tasksOfJobs(...jobs))).toEqual([
      ...['section Job 1', ':done', ':active', 'section Job 2', ':active'],
    ]);
  });

  /** The chart of two jobs that ran for some time. */
  const chartOfRuns = (ms: number) => {
    const job = at(undefined, 0, ms);
    return chartOf(run('success', job, job)) ?? [];
  };

  test.each([
    ['four minutes', 240_000, ['axisFormat %H:%M:%S', 'tickInterval 1minute']],
    ['a moment more', 240_001, ['axisFormat %H:%M:%S', 'tickInterval 2minute']],
    ['less than ten minutes', 599_999, ['axisFormat %H:%M:%S', 'tickInterval 5minute']],
    ['ten minutes', 600_000, ['axisFormat %H:%M', 'tickInterval 5minute']],
    ['less than a day', 86_399_999, ['axisFormat %H:%M', 'tickInterval 10hour']],
    ['a day', 86_400_000, ['axisFormat %m-%d %H:%M', 'tickInterval 10hour']],
    ['a third of a year', 120 * 86_400_000, ['axisFormat %m-%d %H:%M', 'tickInterval 30day']],
    ['more, for which Mermaid chooses the ticks', 121 * 86_400_000, ['axisFormat %m-%d %H:%M']],
  ])('has an axis that fits %s', (_, ms, axis) => {
    const chart = chartOfRuns(ms);
    expect(chart.slice(5, chart.indexOf('section Job 1'))).toEqual(axis);
  });

  test('has few ticks however long it took', () => {
    const units: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86_400 };
    for (let seconds = 1; seconds < 10_000_000; seconds = Math.ceil(seconds * 1.3)) {
      const line = chartOfRuns(seconds * 1000).find((text) => text.startsWith('tick'));
      const [, n, unit = ''] = /(\d+)(\w+)$/.exec(line ?? '') ?? [];
      const ticks = seconds / (Number(n) * (units[unit] ?? NaN));
      expect(ticks).toBeGreaterThan(0.9);
      expect(ticks).toBeLessThanOrEqual(4);
    }
  });

  test('shows thirty jobs, those that did not succeed among them, and says how many it omits', () => {
    const jobs = Array.from({ length: 40 }, (_, n) => ({
      ...at(0, 1, 2),
      ...(n === 39 && { outcome: 'failure' as const }),
    }));
    const sections = tasksOf(run('failure', ...jobs)).filter((line) => line.startsWith('section'));
    expect(sections).toEqual([...Array(29).keys(), 39].map((n) => `section Job ${n + 1}`));
    expect(summaryOf(run('failure', ...jobs))).toContain('The chart omits 10 of 40 jobs.');
  });
});
