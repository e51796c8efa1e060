/*
 * A life is everything that chance decides about one run: what the step is told, what the jobs do, and what the
 * server and the network do to whoever asks. It is plain data, so that a failing one can be printed and read.
 * Times are in milliseconds since the step began.
 */

/** One run of the step, from its inputs to everything that happens to it. */
export interface Life {
  readonly settings: LifeSettings;
  readonly jobs: readonly JobLife[];
  readonly server: ServerLife;
  readonly troubles: readonly Trouble[];
  readonly cancelAtMs: number | undefined;
  /** Timers fire up to this much too late, as they do on a busy machine. */
  readonly lateMs: number;
  /** Decides the jitter, and how late each timer is. */
  readonly chance: number;
}

/** What the step is told. */
export interface LifeSettings {
  /** Jobs by id (their indexes in {@link Life.jobs}, duplicates and all), or the newest job of a name. */
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
  readonly jobApi: 'auto' | 'jobs-v1' | 'core-2.0';
  readonly timeoutMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly outageMs: number;
  readonly importResults: boolean;
  /** Whether every failed command is wanted, as with `errors-file`. */
  readonly allFailedCommands: boolean;
  /** Whether jobs that are left unfinished are deleted in the end. */
  readonly deleteUnfinished: boolean;
}

export type Api = 'jobs-v1' | 'core-2.0';

/** What one job does. */
export interface JobLife {
  /** The API that knows the job; undefined: both. */
  readonly onlyIn: Api | undefined;
  /** Until when the job is unknown, and how an API says so. */
  readonly appearsMs: number;
  readonly before: 404 | 500;
  readonly vanishesMs: number | undefined;
  /** One after the other; the last one stays. */
  readonly phases: readonly Phase[];
  readonly imports: ImportLife;
  /** Whether Find jobs lists it as the wanted one, and since when (its `createdOn`). */
  readonly name: 'wanted' | 'almost' | 'other';
  readonly type: 'IMPORT' | 'EXPORT';
  readonly user: 'wanted' | 'other';
  readonly createdMs: number;
}

/** What a job says of itself for some time; undefined where it leaves the field out. */
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

/** What Import Results tell about a job. */
export interface ImportLife {
  readonly exists: boolean;
  /** Until then the job counts as not finished (400). */
  readonly readyMs: number;
  readonly state: string | undefined;
  readonly errorsCount: number | undefined;
  readonly added: number | undefined;
  readonly total: number | undefined;
  /** How many failed commands the errors endpoint really lists. */
  readonly listed: number;
}

/** What the server is like. */
export interface ServerLife {
  readonly pathPrefix: string;
  /** The APIs that are there, and how the others are missing. */
  readonly serves: readonly Api[];
  readonly missingAs: 404 | 405 | 410 | 501;
  /** How long answers take, in turn. */
  readonly latenciesMs: readonly number[];
  /** Jobs on a page of Find jobs, and whether it compares names and types as it is asked to. */
  readonly pageSize: number;
  readonly filters: boolean;
  /** How far its clock is ahead. It is told in the Date header. */
  readonly skewMs: number;
  readonly coreDates: 'ms' | 's';
  readonly token: TokenLife;
}

/** What tokens are like. */
export interface TokenLife {
  readonly lifetimeMs: number;
  /** `expires_in`: the truth, as a number or as text, a lie, or nothing. */
  readonly told: 'number' | 'text' | 'ten times as long' | 'nonsense' | 'nothing';
  /** All tokens given before are refused from then on. */
  readonly revokedMs: readonly number[];
}

/** Something that goes wrong, where and when. */
export interface Trouble {
  readonly at: 'job' | 'find' | 'summary' | 'errors' | 'token' | 'delete' | 'anywhere';
  /** Index of the job it happens to; undefined: to all. */
  readonly job: number | undefined;
  readonly api: Api | undefined;
  /** During a span of time, or to some requests of those that match, counted from 0. */
  readonly when:
    { readonly fromMs: number; readonly forMs: number } | { readonly nth: number; readonly times: number };
  readonly fault: Fault;
}

/** How a request goes wrong. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body: 'standard' | 'text' | 'html' | 'empty';
      /** Seconds, a date so many seconds ahead, or a text that is neither. */
      readonly retryAfter?:
        { readonly seconds: number } | { readonly dateInSeconds: number } | { readonly text: string };
    }
  | { readonly kind: 'connection'; readonly code: string }
  | { readonly kind: 'certificate'; readonly code: string }
  | { readonly kind: 'hang' }
  | { readonly kind: 'body'; readonly body: SpoiltBody };

/** What stands in place of the JSON in an answer with status 200 (204 for `nothing`). */
export const SPOILT_BODIES = [
  'html',
  'truncated',
  'array',
  'null',
  'empty',
  'nothing',
  'wrong type',
  'no id',
  'another job',
] as const;
export type SpoiltBody = (typeof SPOILT_BODIES)[number];
