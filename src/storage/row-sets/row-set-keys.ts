/** Keys of what a global step stores: its rows, and what it needs on the way there. */
export interface RowSetKeys {
  /** What makes the rows complete; stored last. */
  readonly manifest: string
  /** What the step noted of the rows of a slice. */
  digests(slice: number): string
  /** What it decided on them. */
  decisions(slice: number): string
  /** That all decisions are stored. */
  readonly decided: string
  /** Lines on their way into another order, apart by buckets, and where each bucket begins. */
  run(run: number): string
  runIndex(run: number): string
  /** What a part of the rows consists of. */
  part(part: number): string
  /** Begins the names of a part's blocks, and of its rows' fingerprints. */
  rows(part: number): string
  fingerprints(part: number): string
  /** The rows of a slice that the step rejected. */
  rejected(slice: number): string
  readonly rejectedFolder: string
  /** What is only needed until the rows are complete. */
  readonly scaffold: readonly string[]
}

/** The keys below a set's own. */
export function rowSetKeys(key: string): RowSetKeys {
  const numbered = (folder: string, index: number) =>
    `${key}/${folder}/${String(index).padStart(4, '0')}`
  return {
    manifest: `${key}/manifest.json`,
    digests: (slice) => numbered('digests', slice),
    decisions: (slice) => numbered('decisions', slice),
    decided: `${key}/decided/all`,
    run: (run) => numbered('runs', run),
    runIndex: (run) => numbered('run-indexes', run),
    part: (part) => numbered('parts', part),
    rows: (part) => `${numbered('rows', part)}-`,
    fingerprints: (part) => `${numbered('fingerprints', part)}-`,
    rejected: (slice) => numbered('rejected', slice),
    rejectedFolder: `${key}/rejected/`,
    scaffold: ['digests', 'decisions', 'decided', 'runs', 'run-indexes', 'parts'].map(
      (folder) => `${key}/${folder}/`,
    ),
  }
}
