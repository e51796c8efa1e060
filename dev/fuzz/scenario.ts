/*
 * A scenario is everything that chance decides about one run: the step's inputs, its jobs, and what the server and the
 * network do. It is plain data, so that a failing one can be printed and read. Times are in ms since the step began.
 */
import type { Fault as ServerFault } from '../simulator/faults.ts';
import type { Api } from '../simulator/jobs.ts';

export interface Scenario {
  readonly settings: StepSettings;
  readonly jobs: readonly JobScript[];
  readonly server: ServerScript;
  readonly faults: readonly FaultRule[];
  readonly cancelAtMs: number | undefined;
  /** Timers fire up to this much late, as they do on a busy machine. */
  readonly lateMs: number;
  /** Seeds the jitter, and how late each timer is. */
  readonly seed: number;
}

export interface StepSettings {
  /** Jobs by ID (their indexes in {@link Scenario.jobs}, duplicates included), or the newest job with a name. */
  readonly target:
    | {
        readonly by: 'id';
        readonly order: readonly number[];
        readonly upperCase: boolean;
        readonly asJson: boolean;
      }
    | {
        readonly by: 'name';
        readonly withType: boolean;
        readonly withUser: boolean;
        readonly lookbackMs: number;
      };
  readonly credentials: 'bearer' | 'basic' | 'client' | 'client of another host';
  readonly accept: readonly string[];
  readonly maxFailedCommands: number | undefined;
  readonly jobApi: 'auto' | Api;
  readonly timeoutMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly outageMs: number;
  readonly importResults: boolean;
  /** Whether every failed command is read, as with `errors-file`. */
  readonly allFailedCommands: boolean;
  readonly deleteUnfinished: boolean;
}

export interface JobScript {
  /** The only API that knows the job; undefined: both. */
  readonly onlyIn: Api | undefined;
  /** Until then the job is unknown, and this is the status of a response. */
  readonly createdMs: number;
  readonly unknownAs: 404 | 500;
  readonly vanishesMs: number | undefined;
  /** One after the other from the start of the step on; the last one stays. */
  readonly phases: readonly Phase[];
  readonly imports: ImportScript;
  readonly name: string;
  readonly type: string;
  readonly user: string;
}

/** What a job reports for some time; undefined where it leaves the field out. */
export interface Phase {
  readonly lastsMs: number;
  readonly state: string | undefined;
  readonly result: string | undefined;
  readonly message: string | undefined;
  readonly progress: { readonly from: number; readonly to: number } | undefined;
  readonly endDate: 'none' | 'given' | 'unreadable';
  /** Fields without a value are null rather than left out. */
  readonly nulls: boolean;
  readonly upperCaseId: boolean;
}

/** What Import Results report about a job. */
export interface ImportScript {
  readonly exists: boolean;
  /** How long after the end of the job they are still refused with 400. */
  readonly lateMs: number;
  readonly state: string | undefined;
  readonly errorsCount: number | undefined;
  readonly added: number | undefined;
  readonly total: number | undefined;
  /** How many failed commands the errors endpoint really lists. */
  readonly listed: number;
}

export interface ServerScript {
  readonly pathPrefix: string;
  /** The APIs that are served, and the status of the others. */
  readonly serves: readonly Api[];
  readonly missingAs: 404 | 405 | 410 | 501;
  /** How long responses take, in turn. */
  readonly latenciesMs: readonly number[];
  /** The most jobs on a page of Find jobs, and whether it heeds the name and the type that it is asked for. */
  readonly pageSize: number;
  readonly filters: boolean;
  /** How far its clock is ahead, as its Date header shows. */
  readonly skewMs: number;
  readonly coreDates: 'ms' | 's';
  readonly token: {
    readonly lifetimeMs: number;
    /** `expires_in`: the truth, as a number or as text, a lie, or nothing. */
    readonly expiresIn: 'number' | 'text' | 'ten times as long' | 'negative' | 'missing';
    /** When all tokens issued so far are revoked. */
    readonly revokedMs: readonly number[];
  };
}

/** A fault, and the requests that it hits. */
export interface FaultRule {
  readonly at: 'job' | 'find' | 'summary' | 'errors' | 'token' | 'delete' | 'anywhere';
  /** Index of the job; undefined: all. */
  readonly job: number | undefined;
  readonly api: Api | undefined;
  /** A span of time, or some of the requests that match, counted from 0. */
  readonly when:
    { readonly fromMs: number; readonly forMs: number } | { readonly nth: number; readonly times: number };
  readonly fault: Fault;
}

/** How a request goes wrong: as in the simulator, in the network, or with a body that it has no fault for. */
export type Fault =
  | Extract<
      ServerFault,
      { kind: 'status' | 'redirect' | 'hang' | 'html-200' | 'truncated-json' | 'other-job' }
    >
  | { readonly kind: 'connection' | 'certificate'; readonly code: string }
  | { readonly kind: 'raw'; readonly status: 200 | 204; readonly body: string }
  /** A response with these JSON fields in place of its own; `wrong` names them for people. */
  | { readonly kind: 'fields'; readonly wrong: string; readonly fields: Readonly<Record<string, unknown>> };
