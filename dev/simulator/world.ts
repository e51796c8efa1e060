import type { Accounts, Principal } from './accounts.ts';
import type { Answer } from './answers.ts';
import type { RouteGroup } from './faults.ts';
import type { Api, Jobs } from './jobs.ts';
import type { Life } from './life.ts';

/** A finalize request of a synchronization, and what it found. */
export type Finalized = {
  readonly synchronizationId: string;
  /** The job that the request was answered with. */
  readonly jobId: string;
  /** The batches as they stood when the request came. */
  readonly batches: readonly { readonly jobId: string; readonly state: string; readonly result: string }[];
  /** The batches that had not ended with SUCCESS: what they did not touch, finalize removes. */
  readonly notSuccessful: readonly string[];
};

/** All that the handlers of requests work on. */
export type World = {
  readonly jobs: Jobs;
  readonly accounts: Accounts;
  readonly newId: () => string;
  readonly defaultScenario: string;
  /** The life of a scenario; an unknown name is an error. */
  readonly lifeOf: (scenario: string) => Life;
  /** Job ids of the batches of each synchronization. */
  readonly batches: Map<string, string[]>;
  readonly finalized: Finalized[];
};

/** A request that has found its route. */
export type Call = {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly principal: Principal;
};

/** A method and a path that the simulator serves. */
export type Route = {
  readonly method: string;
  /** As in OpenAPI: `{name}` stands for one segment. */
  readonly path: string;
  /** The group by which faults find the route. */
  readonly group: RouteGroup;
  /** The API that must be served for this route to be there. */
  readonly api?: Api;
  /** Answers without credentials. */
  readonly open?: boolean;
  readonly handle: (world: World, call: Call) => Answer;
};
