import type { StepRows } from '../client/read-steps.ts'
import type { Row } from '../core/columns.ts'
import { canonicalJson } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import { originsExpanded, positionOf, throughInput } from '../core/staged-row.ts'

/** What one step made of one row, as `retort preview --json` prints it. */
export interface PreviewedRow {
  /** Index of the source row. */
  readonly row: number
  readonly step: string
  readonly type: string
  /** Where the row comes from: `12`, or `12.0` behind a step that makes several of one. */
  readonly origin: string
  /** The row that the step got; of a join the first branch's, of a generator none. */
  readonly input?: Row
  /** The messages that the model was sent; none where the step asks none. */
  readonly prompt?: unknown
  /** What the model answered. */
  readonly answer?: unknown
  /** The columns that the step wrote; of a generator all of them. */
  readonly output?: Row
  /** Why the step could not make the row. */
  readonly rejected?: { readonly code: string; readonly reason: string }
}

/** What each step made, row by row of the source. */
export function previewedRows(plan: Plan, steps: readonly StepRows[]): PreviewedRow[] {
  const shown = steps.flatMap((made, index) => {
    const { after = [], kind } = plan.steps[index] ?? {}
    const isStacked = kind === 'global' && after.length > 1
    const before = after.flatMap((at, input) =>
      (steps[at]?.rows ?? []).map(({ origin, row }) => {
        const own = isStacked ? throughInput(origin, input) : origin
        return [own, row] as const
      }),
    )
    // Of several branches the first has the say.
    const earlier = new Map(before.toReversed())
    return [
      ...made.rows.map(({ origin, row }) => previewOf(made, origin, row, earlier)),
      ...made.rejected.map(({ origin, code, reason, raw, row }) => ({
        ...placeOf(made, origin),
        input: withoutRaw(row),
        ...(raw === null ? {} : { answer: raw }),
        rejected: { code, reason },
      })),
    ]
  })
  return shown.toSorted((a, b) => a.row - b.row)
}

function placeOf({ name, type }: StepRows, origin: string) {
  return { row: positionOf(origin), step: name, type, origin }
}

function previewOf(
  step: StepRows,
  origin: string,
  row: Row,
  earlier: ReadonlyMap<string, Row>,
): PreviewedRow {
  const [prompt, answer] = [`raw_input_${step.name}`, `raw_output_${step.name}`]
  const from = originsExpanded(origin)
    .map((above) => earlier.get(above))
    .find((known) => known !== undefined)
  const output = Object.entries(withoutRaw(row)).filter(
    ([name, value]) => !isSame(from?.[name], value),
  )
  return {
    ...placeOf(step, origin),
    ...(from === undefined ? {} : { input: withoutRaw(from) }),
    ...(row[prompt] === undefined ? {} : { prompt: row[prompt] }),
    ...(row[answer] === undefined ? {} : { answer: row[answer] }),
    output: Object.fromEntries(output),
  }
}

/** A row without what tasks were asked to keep for the preview. */
function withoutRaw(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => !/^raw_(?:input|output)_/.test(name)),
  )
}

function isSame(one: unknown, other: unknown): boolean {
  return one !== undefined && canonicalJson(one) === canonicalJson(other)
}
