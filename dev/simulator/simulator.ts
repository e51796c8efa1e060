import { Accounts, type Credentials, userIdOf } from './accounts.ts';
import type { Fault, FaultRule, RouteGroup } from './faults.ts';
import { idSource, isUuid } from './ids.ts';
import { type Api, type Job, Jobs } from './jobs.ts';
import type { Life } from './life.ts';
import { Listener } from './listener.ts';
import { scenarioLife } from './scenarios.ts';
import { type LoggedRequest, Service } from './service.ts';
import type { Finalized, World } from './world.ts';

export type { Fault, FaultRule, RouteGroup } from './faults.ts';
export type { Api } from './jobs.ts';
export type { Life, Step } from './life.ts';
export { running } from './life.ts';
export type { LoggedRequest } from './service.ts';
export type { Finalized } from './world.ts';

/** The credentials that a simulator accepts unless it is told otherwise. */
export const defaultCredentials: Credentials = {
  users: { pipeline: 'a-password-for-the-pipeline', admin: 'a-password-for-the-admin' },
  clients: { 'urn:sys:env:simulator:i:pipeline': 'a secret/with + reserved:characters' },
  tokens: ['a-bearer-token-for-the-pipeline'],
  tokenLifetimeSeconds: 3600,
};

/** How to set up a simulator; everything has a default. */
export type SimulatorOptions = Partial<Credentials> & {
  /** A free port by default. */
  readonly port?: number;
  readonly host?: string;
  /** Where the REST APIs begin, such as `/collibra`; nowhere else is anything served. */
  readonly pathPrefix?: string;
  /** With false every request is let in, as the first user. */
  readonly authentication?: boolean;
  /** The job APIs that are served; one that is not answers 404 as a gateway does. */
  readonly apis?: readonly Api[];
  /** The scenario of submitted imports and of jobs added without a life. */
  readonly defaultScenario?: string;
  /** How many times faster than real time jobs live. */
  readonly speed?: number;
  /** How far the clock that answers show is ahead. */
  readonly clockSkewMs?: number;
  /** The clock, for tests that advance it themselves. */
  readonly now?: () => number;
  /** Makes the ids of jobs and tokens the same in every run. */
  readonly seed?: number;
};

/** A job to add without submitting an import. */
export type JobToAdd = {
  readonly id?: string;
  readonly name?: string;
  readonly type?: string;
  /** A user name or the UUID of a user; the first user by default. */
  readonly user?: string;
  readonly createdAgoMs?: number;
  /** The job is created so much later, and unknown until then. */
  readonly appearsInMs?: number;
  /** How it lives: a scenario's name or a life of its own. */
  readonly scenario?: string;
  readonly life?: Life;
  /** The APIs that know the job; both by default. */
  readonly knownTo?: readonly Api[];
};

/** An embedded Collibra that is running. */
export type Simulator = {
  /** The base URL, with the path prefix and without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** Every request so far, in the order in which they came. */
  readonly requests: readonly LoggedRequest[];
  readonly connections: { readonly open: number; readonly opened: number; readonly peak: number };
  readonly peakInFlight: number;
  /** Every OAuth token issued so far. */
  readonly issuedTokens: readonly string[];
  /** Every finalize request so far. */
  readonly finalized: readonly Finalized[];
  /** Faults of all requests; rules may be added at any time. */
  readonly faults: FaultRule[];
  /** Adds a job and gives its id. */
  addJob: (job?: JobToAdd) => string;
  /** A job as the simulator keeps it. */
  job: (id: string) => Job | undefined;
  /** The UUID of a user by name. */
  userId: (userName: string) => string;
  /** Makes every token that is known so far worthless. */
  revokeTokens: () => void;
  /** Lets the next requests of a group of routes go wrong. */
  failNext: (on: RouteGroup, fault: Fault, times?: number) => void;
  /** Ends it, and every connection with it. */
  close: () => Promise<void>;
};

/** Starts an embedded Collibra on the loopback interface. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = '127.0.0.1', port = 0, pathPrefix = '', defaultScenario = 'success' } = options;
  scenarioLife(defaultScenario);
  const clock = { now: options.now ?? Date.now, speed: options.speed ?? 1, skewMs: options.clockSkewMs ?? 0 };
  const newId = idSource(options.seed);
  const jobs = new Jobs(clock);
  const accounts = new Accounts({ ...defaultCredentials, ...options }, clock, newId);
  const world: World = {
    jobs,
    accounts,
    newId,
    defaultScenario,
    lifeOf: scenarioLife,
    batches: new Map(),
    finalized: [],
  };
  const service = new Service(world, {
    pathPrefix,
    apis: options.apis ?? ['jobs-v1', 'core-2.0'],
    authentication: options.authentication ?? true,
  });
  const listener: Listener = new Listener(host, port, (request, response) => {
    void service.serve(request, response, listener.idOf(request.socket)).catch(() => response.destroy());
  });
  service.onRefuse = (forMs) => listener.refuseFor(forMs);
  await listener.listen();
  return {
    url: `http://${host}:${listener.port}${pathPrefix}`,
    port: listener.port,
    requests: service.requests,
    connections: listener.connections,
    get peakInFlight() {
      return service.peakInFlight;
    },
    issuedTokens: accounts.issued,
    finalized: world.finalized,
    faults: service.faults,
    addJob: (job = {}) => addJob(world, job),
    job: (id) => jobs.get(id),
    userId: userIdOf,
    revokeTokens: () => accounts.revokeTokens(),
    failNext: (on, fault, times) => service.failNext(on, fault, times),
    close: () => listener.close(),
  };
}

function addJob(world: World, job: JobToAdd): string {
  const { user } = job;
  const userId = user === undefined ? world.accounts.firstUser.userId : isUuid(user) ? user : userIdOf(user);
  const added = world.jobs.add({
    id: job.id ?? world.newId(),
    name: job.name,
    type: job.type,
    userId: userId.toLowerCase(),
    createdAt: world.jobs.clock.now() + (job.appearsInMs ?? 0) - (job.createdAgoMs ?? 0),
    life: job.life ?? world.lifeOf(job.scenario ?? world.defaultScenario),
    knownTo: job.knownTo ?? ['jobs-v1', 'core-2.0'],
  });
  return added.id;
}
