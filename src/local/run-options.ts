import type { Budget, OnStop } from '../core/run-settings.ts'

/** Where to run; what is left out comes from the environment, or is embedded. */
export interface PlaceOptions {
  /** `file:path` or `s3://bucket/prefix`. Default `RETORT_STORE`, else `./.retort/store`. */
  readonly store?: string | undefined
  /** Folder of the embedded server and store. Default `./.retort`. */
  readonly folder?: string | undefined
  /** Gets a line where something takes long, such as building the server. */
  readonly onNotice?: ((line: string) => void) | undefined
  /** Ports of the embedded server, where they must be certain ones. */
  readonly port?: number | undefined
  readonly uiPort?: number | undefined
}

/** How to run it. */
export interface RunOptions extends PlaceOptions {
  /** The same id again resumes, or gives the result again. Default: the pipeline's name, the time and four digits. */
  readonly runId?: string | undefined
  /** Most source rows that are taken, from the start. Default all. */
  readonly maxRows?: number | undefined
  /** Runs beside another run of the same pipeline. Default false. */
  readonly concurrent?: boolean | undefined
  /** Goes on with a run id although pipeline or source changed; as `<run>.r2` where it has completed. Default false. */
  readonly acceptChanges?: boolean | undefined
  /**
   * Asks everything anew, instead of using the answers that are stored. Later runs of the pipeline use the new ones; a
   * run id that was planned before goes on as it is. Default false.
   */
  readonly fresh?: boolean | undefined
  /**
   * Most that the run may spend, over all of its executions. It stops before a call that could exceed it. A run id keeps
   * what it was given until it is given another. Default unbounded.
   */
  readonly budget?: Budget | undefined
  /**
   * Most rows that steps may reject before the run stops: a number, or a share of the rows done below 1. Default more
   * than half, once 20 are rejected. A run id keeps what it was given until it is given another.
   */
  readonly maxRejected?: number | undefined
  /**
   * What the run does where something has to be mended first, such as a refused key: ends, so that the same run id
   * goes on later, or waits until it is resumed. Default `fail`.
   */
  readonly onStop?: OnStop | undefined
}
