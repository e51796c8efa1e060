import type { Accounts, Principal } from './accounts.ts';
import type { HttpResponse } from './responses.ts';
import type { RouteGroup } from './faults.ts';
import type { Api, Jobs } from './jobs.ts';
import type { Life } from './life.ts';

/** A finalize request of a synchronization. */
export type Finalized = {
  readonly synchronizationId: string;
  /** The job of the response. */
  readonly jobId: string;
  /** The batches at the time of the request. */
  readonly batches: readonly { readonly jobId: string; readonly state: string; readonly result: string }[];
  /** The batches without SUCCESS: finalize removes the resources that they did not import. */
  readonly notSuccessful: readonly string[];
};

/** The state that request handlers read and change. */
export type ServerState = {
  readonly jobs: Jobs;
  readonly accounts: Accounts;
  readonly newId: () => string;
  readonly defaultScenario: string;
  /** Returns the lifecycle of a scenario. Throws if the name is unknown. */
  readonly lifeOf: (scenario: string) => Life;
  /** The job IDs of the batches of each synchronization. */
  readonly batches: Map<string, string[]>;
  readonly finalized: Finalized[];
};

/** A request with the parameters of its route. */
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
  /** As in OpenAPI: `{name}` is one segment. */
  readonly path: string;
  /** The group on which faults are set. */
  readonly group: RouteGroup;
  /** The API that the route belongs to. */
  readonly api?: Api;
  /** Needs no credentials. */
  readonly open?: boolean;
  readonly handle: (server: ServerState, call: Call) => HttpResponse;
};
