import type { Annotation } from './step-log.ts';
import type { Command } from './workflow-commands.ts';

/** One process of the action, main or post, and what it left behind. */
export type StepRun = {
  /** Null if a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly durationMs: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of stdout, followed by those of stderr. */
  readonly lines: readonly string[];
  readonly commands: readonly Command[];
  /** Every annotation as the action wrote it. `shown` has those that GitHub shows. */
  readonly annotations: readonly Annotation[];
  /** The values of the add-mask commands. */
  readonly masks: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  /** The job summary, Markdown as written. */
  readonly summary: string;
  readonly shown: Shown;
};

/** What GitHub shows of a step and passes on to other jobs. */
export type Shown = {
  readonly log: readonly string[];
  /** Messages masked and truncated, and at most ten annotations of each type. */
  readonly annotations: readonly Annotation[];
  /** Masked, and empty if the file is larger than 1 MiB. */
  readonly summary: string;
  /** The outputs that another job receives. The runner drops empty ones and those that contain a masked value. */
  readonly jobOutputs: Readonly<Record<string, string>>;
};

/** A run of the action: the main step, and the post step if action.yml has one. */
export type Run = StepRun & { readonly post?: StepRun };
