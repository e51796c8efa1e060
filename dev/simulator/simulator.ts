import { Accounts, type Credentials, userIdOf } from './accounts.ts';
import type { Fault, FaultRule, RouteGroup } from './faults.ts';
import { defaultGithub, GITHUB_ISSUER } from './github-oidc.ts';
import { idSource, isUuid } from './ids.ts';
import { type Api, type Job, Jobs } from './jobs.ts';
import type { Life } from './life.ts';
import { Listener } from './listener.ts';
import { scenarioLife } from './scenarios.ts';
import { type LoggedRequest, Service } from './service.ts';
import type { Finalized, ServerState } from './server-state.ts';

export type { Fault, FaultRule, RouteGroup } from './faults.ts';
export type { Api } from './jobs.ts';
export type { Life, Step } from './life.ts';
export { running, succeedsAfter } from './life.ts';
export type { LoggedRequest } from './service.ts';
export type { Finalized } from './server-state.ts';

/** The credentials that a simulator accepts by default. */
export const defaultCredentials: Credentials = {
  users: { pipeline: 'a-password-for-the-pipeline', admin: 'a-password-for-the-admin' },
  clients: { 'urn:sys:env:simulator:i:pipeline': 'a secret/with + reserved:characters' },
  federations: {
    'urn:sys:env:simulator:i:workflow': {
      issuer: GITHUB_ISSUER,
      subject: defaultGithub.subject,
      audience: 'api://AzureADTokenExchange',
    },
  },
  tokens: ['a-bearer-token-for-the-pipeline'],
  tokenLifetimeSeconds: 3600,
};

/** How to set up a simulator; everything has a default. */
export type SimulatorOptions = Partial<Credentials> & {
  /** By default a free port. */
  readonly port?: number;
  readonly host?: string;
  /** The prefix of every path, such as `/collibra`. */
  readonly pathPrefix?: string;
  /** False: every request is accepted, as one of the first user. */
  readonly authentication?: boolean;
  /** The job APIs that are served. The others respond with 404, as a gateway does. */
  readonly apis?: readonly Api[];
  /** The scenario of imports and jobs that name none. */
  readonly defaultScenario?: string;
  /** How many times faster than real time jobs progress. */
  readonly speed?: number;
  /** How far the server's clock is ahead. */
  readonly clockSkewMs?: number;
  /** The clock; a test can pass one that it advances itself. */
  readonly now?: () => number;
  /** Makes the IDs of jobs and tokens reproducible. */
  readonly seed?: number;
};

/** A job to add without an import. */
export type JobToAdd = {
  readonly id?: string;
  readonly name?: string;
  readonly type?: string;
  /** A user name or the UUID of a user. By default the first user. */
  readonly user?: string;
  readonly createdAgoMs?: number;
  /** The job is created after this time, and unknown until then. */
  readonly appearsInMs?: number;
  /** The lifecycle: the name of a scenario, or a `life`. */
  readonly scenario?: string;
  readonly life?: Life;
  /** The APIs that know the job. By default both. */
  readonly knownTo?: readonly Api[];
};

/** A running simulator. */
export type Simulator = {
  /** The base URL, with the path prefix and without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** Every request so far, in order. */
  readonly requests: readonly LoggedRequest[];
  readonly connections: { readonly open: number; readonly opened: number; readonly peak: number };
  readonly peakInFlight: number;
  /** Every OAuth token issued so far. */
  readonly issuedTokens: readonly string[];
  /** Every OIDC token of GitHub issued so far. */
  readonly issuedOidcTokens: readonly string[];
  /** What the runner needs to request OIDC tokens of GitHub. */
  readonly idToken: { readonly url: string; readonly token: string };
  /** Every finalize request so far. */
  readonly finalized: readonly Finalized[];
  /** Faults of all requests. Rules can be added at any time. */
  readonly faults: FaultRule[];
  /** Adds a job and returns its ID. */
  addJob: (job?: JobToAdd) => string;
  /** Finds a job. */
  job: (id: string) => Job | undefined;
  /** Returns the UUID of a user. */
  userId: (userName: string) => string;
  /** Revokes every token issued or configured so far. */
  revokeTokens: () => void;
  /** Makes the next requests of a group of routes fail. */
  failNext: (on: RouteGroup, fault: Fault, times?: number) => void;
  /** Stops the simulator and closes its connections. */
  close: () => Promise<void>;
};

/** Starts a simulated Collibra server on the loopback interface. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = '127.0.0.1', port = 0, pathPrefix = '', defaultScenario = 'success' } = options;
  scenarioLife(defaultScenario);
  const clock = { now: options.now ?? Date.now, speed: options.speed ?? 1, skewMs: options.clockSkewMs ?? 0 };
  const newId = idSource(options.seed);
  const jobs = new Jobs(clock);
  const accounts = new Accounts({ ...defaultCredentials, ...options }, clock, newId);
  const server: ServerState = {
    jobs,
    accounts,
    newId,
    defaultScenario,
    lifeOf: scenarioLife,
    batches: new Map(),
    finalized: [],
  };
  const service = new Service(server, {
    pathPrefix,
    apis: options.apis ?? ['jobs-v1', 'core-2.0'],
    authentication: options.authentication ?? true,
  });
  const listener: Listener = new Listener(host, port, (request, response) => {
    void service.serve(request, response, listener.idOf(request.socket)).catch(() => response.destroy());
  });
  service.onRefuse = (forMs) => listener.refuseFor(forMs);
  await listener.listen();
  const url = `http://${host}:${listener.port}${pathPrefix}`;
  return {
    url,
    port: listener.port,
    requests: service.requests,
    connections: listener.connections,
    get peakInFlight() {
      return service.peakInFlight;
    },
    issuedTokens: accounts.issued,
    issuedOidcTokens: accounts.github.issued,
    idToken: {
      url: `${url}/github/id-token?api-version=2.0`,
      token: options.github?.requestToken ?? defaultGithub.requestToken,
    },
    finalized: server.finalized,
    faults: service.faults,
    addJob: (job = {}) => addJob(server, job),
    job: (id) => jobs.get(id),
    userId: userIdOf,
    revokeTokens: () => accounts.revokeTokens(),
    failNext: (on, fault, times) => service.failNext(on, fault, times),
    close: () => listener.close(),
  };
}

function addJob(server: ServerState, job: JobToAdd): string {
  const { user } = job;
  const userId = user === undefined ? server.accounts.firstUser.userId : isUuid(user) ? user : userIdOf(user);
  const added = server.jobs.add({
    id: job.id ?? server.newId(),
    name: job.name,
    type: job.type,
    userId: userId.toLowerCase(),
    createdAt: server.jobs.clock.now() + (job.appearsInMs ?? 0) - (job.createdAgoMs ?? 0),
    life: job.life ?? server.lifeOf(job.scenario ?? server.defaultScenario),
    knownTo: job.knownTo ?? ['jobs-v1', 'core-2.0'],
  });
  return added.id;
}
