/** What a keeper is started with. */
export interface KeeperOptions {
  /** Absolute path of the `.retort` folder. */
  readonly folder: string
  /** The `temporal` binary. */
  readonly binary: string
  /** Ports that the user asked for; without them the keeper finds free ones. */
  readonly port?: number | undefined
  readonly uiPort?: number | undefined
  /** Milliseconds to stay after the last client went. */
  readonly graceMs: number
}
