import { models, type Model } from './models.ts';
import { everyTenSeconds } from './pollers.ts';
import { survey, type Poller, type Survey } from './simulate.ts';

/** How a poller does with all models. */
export interface Score {
  readonly surveys: ReadonlyMap<string, Survey>;
  /** The mean over the models of "delay in seconds + 0.1 per request". */
  readonly cost: number;
  /** The models whose goal it misses, each with the figures that are too high. */
  readonly missed: readonly string[];
}

/** The models that have a goal. */
export const modelsWithGoal = models.filter(({ alwaysFails }) => !alwaysFails);

const LONGEST_RELATIVE_DELAY = 0.06;

/** Measures a poller with all models. `fixed` holds the surveys of the poller with a fixed interval of 10 s. */
export function score(poller: Poller, fixed: ReadonlyMap<string, Survey>, count: number): Score {
  const surveys = surveyAll(poller, count);
  const costs = [...surveys.values()].map(({ delayMs, requests }) => delayMs / 1_000 + requests / 10);
  const missed = modelsWithGoal.flatMap(({ name }) => missedGoal(name, surveys.get(name), fixed.get(name)));
  return { surveys, cost: costs.reduce((sum, cost) => sum + cost) / costs.length, missed };
}

/** Polls with an interval of 10 s, whatever the jobs report. */
export function surveyFixed(count: number): ReadonlyMap<string, Survey> {
  return surveyAll(everyTenSeconds, count);
}

function surveyAll(poller: Poller, count: number): Map<string, Survey> {
  return new Map(models.map((model: Model) => [model.name, survey(model, poller, count)]));
}

/** A goal: neither more delay nor more requests than with a fixed interval of 10 s, and little relative delay. */
function missedGoal(name: string, ours?: Survey, fixed?: Survey): string[] {
  if (ours === undefined || fixed === undefined) throw new Error(`${name} was not measured.`);
  const tooHigh = [
    ours.delayMs > fixed.delayMs ? `delay ${ours.delayMs.toFixed(0)} > ${fixed.delayMs.toFixed(0)} ms` : '',
    ours.requests > fixed.requests ? `requests ${ours.requests.toFixed(1)} > ${fixed.requests.toFixed(1)}` : '',
    ours.relativeDelay > LONGEST_RELATIVE_DELAY ? `relative delay ${ours.relativeDelay.toFixed(3)}` : '',
  ].filter((text) => text !== '');
  return tooHigh.length === 0 ? [] : [`${name}: ${tooHigh.join(', ')}`];
}
