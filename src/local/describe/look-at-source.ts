import { createColumnUnion } from '../../core/column-union.ts'
import type { Row } from '../../core/columns.ts'
import { isRetortError } from '../../core/errors.ts'
import type { RowEstimate } from '../../core/estimate-calls.ts'
import type { ResolvedStep } from '../../core/resolve-pipeline.ts'
import type { ColumnSchemas } from '../../core/step.ts'
import { createSourceFiles } from '../../storage/source-files.ts'

/** What a look at a source tells. */
export interface SourceLook {
  readonly rows: RowEstimate | undefined
  /** Of the rows that were read; `undefined` where none were. */
  readonly columns: ColumnSchemas | undefined
  /** The first rows. */
  readonly sample: readonly Row[]
  readonly notes: readonly string[]
}

/** How a source is looked at. */
export interface LookOptions {
  /** Most rows that a run would take. */
  readonly maxRows: number | undefined
  /** Where relative paths start. */
  readonly workingFolder: string
  readonly seed: number
  /** How long rows are counted; 2,000 by default. */
  readonly milliseconds?: number
}

const defaultMilliseconds = 2_000
/** The clock is looked at after so many rows. */
const rowsBetweenLooks = 200
/** Rows that are kept to look at. */
export const sampleSize = 200

/** Reads the rows of a generator that takes nothing but files of this machine, as long as that is quick. */
export async function lookAtSource(step: ResolvedStep, options: LookOptions): Promise<SourceLook> {
  const { definition, params, spec } = step
  const { maxRows } = options
  const unread = (note: string): SourceLook => ({
    rows: maxRows === undefined ? undefined : { count: maxRows, certainty: 'at-most' },
    columns: undefined,
    sample: [],
    notes: [note],
  })
  if (definition.kind !== 'generator' || definition.isLocal?.(params) !== true)
    return unread(
      `The rows of '${spec.name}' (${spec.type}) are made or fetched when a run starts, so their number is not known${step.columns === undefined ? ', nor are their columns' : ''}.`,
    )
  const controller = new AbortController()
  const { signal } = controller
  const files = createSourceFiles({ workingFolder: options.workingFolder })
  const milliseconds = options.milliseconds ?? defaultMilliseconds
  const until = performance.now() + milliseconds
  // A reader may take long before it gives its first row.
  const timer = setTimeout(() => controller.abort(), Math.max(0, milliseconds))
  const union = createColumnUnion()
  const sample: Row[] = []
  let count = 0
  let isWhole = true
  try {
    for await (const row of definition.generate(params, { seed: options.seed, files, signal })) {
      union.add(row)
      if (sample.length < sampleSize) sample.push(row)
      count++
      if (count === maxRows) break
      if (count % rowsBetweenLooks === 0 && performance.now() > until) {
        isWhole = false
        break
      }
    }
  } catch (error) {
    if (signal.aborted) isWhole = false
    else if (isRetortError(error))
      return unread(`The rows of '${spec.name}' cannot be read: ${error.message}`)
    else throw error
  } finally {
    clearTimeout(timer)
    controller.abort()
  }
  if (count === 0)
    return unread(`The rows of '${spec.name}' take long to read, so that nothing is known of them.`)
  const certainty = isWhole ? 'exact' : 'at-least'
  return {
    rows: { count, certainty },
    columns: union.columns(),
    sample,
    notes: isWhole
      ? []
      : [
          `Counting the rows of '${spec.name}' was ended at ${count.toLocaleString('en-US')}; there are more, and their columns may differ.`,
        ],
  }
}
