import type { Row } from './columns.ts'
import { isRetortError, messageOf, RetortError } from './errors.ts'
import { isObject } from './json.ts'
import { isRejection, reject } from './rejection.ts'
import type { Rejection } from './rejection.ts'
import type { RejectedRow, StagedRow } from './staged-row.ts'
import type { AskingContext, StepContext, StepDefinition, StepModel, StepOutput } from './step.ts'

const mostShownCharacters = 200

/** What of a step's place in its pipeline matters for running it. */
export interface StepPlace {
  readonly name: string
  readonly batchSize: number
  /** The step's column to the data's column, for those that differ. */
  readonly inputs?: Readonly<Record<string, string>>
  /** As `inputs`, for what the step writes. */
  readonly outputs?: Readonly<Record<string, string>>
  /** The only columns of the input that stay. */
  readonly keeps?: readonly string[]
}

/** A step over some rows. */
export interface StepRun extends Pick<StepContext, 'seed' | 'signal'> {
  /** The step's model; `undefined` where it has none. */
  readonly model?: StepModel | undefined
  readonly definition: StepDefinition
  readonly params: Row
  readonly step: StepPlace
  readonly rows: readonly StagedRow[]
}

/** What became of the rows. */
export interface StepResult {
  readonly rows: StagedRow[]
  readonly rejected: RejectedRow[]
}

/**
 * Runs a step over rows and puts together the rows that it makes.
 *
 * Rows that lack or mistype a column that the step reads are rejected before its code sees them. What the
 * step yields is matched to the rows by order: an item each, checked against its `outputs`.
 *
 * @throws RetortError `step-threw` where its code throws, `column-mistyped` where it yields something else than it says
 */
export async function runStep(run: StepRun): Promise<StepResult> {
  const result: StepResult = { rows: [], rejected: [] }
  const outcomes = run.rows.map((staged, index) => checkInput(run, staged, index))
  const sound = outcomes.filter((outcome) => outcome.view !== undefined)
  // Behind an expander a range holds more rows than the step wants at once.
  const groups: (typeof sound)[] = []
  for (let from = 0; from < sound.length; from += run.step.batchSize)
    groups.push(sound.slice(from, from + run.step.batchSize))
  await Promise.all(groups.map((group) => runGroup(run, group)))
  for (const { staged, output } of outcomes) collect(run, staged, output, result)
  return result
}

/** A row, what the step sees of it, and what it yields for it. */
interface Outcome {
  readonly staged: StagedRow
  /** Index of the row within the batch. */
  readonly index: number
  readonly view: Row | undefined
  output: StepOutput<Row>
}

function checkInput(run: StepRun, staged: StagedRow, index: number): Outcome {
  const { definition, params, step } = run
  let view = staged.row
  if (step.inputs !== undefined) {
    const renamed: Record<string, unknown> = { ...staged.row }
    for (const [own, theirs] of Object.entries(step.inputs)) renamed[own] = staged.row[theirs]
    view = renamed
  }
  const schema = definition.rowSchema?.(params) ?? definition.inputs
  const checked = schema['~standard'].validate(view)
  if (checked instanceof Promise)
    throw new RetortError(
      'step-threw',
      `The input schema of step '${step.name}' is asynchronous; use a synchronous one.`,
    )
  if (checked.issues === undefined) return { staged, index, view: checked.value, output: [] }
  const [issue] = checked.issues
  const [first] = issue?.path ?? []
  const own = String(typeof first === 'object' ? first.key : (first ?? ''))
  const reason = `Column '${step.inputs?.[own] ?? own}' does not hold for step '${step.name}': ${issue?.message ?? 'invalid'}.`
  return { staged, index, view: undefined, output: reject('input-invalid', reason) }
}

async function runGroup(run: StepRun, group: readonly Outcome[]): Promise<void> {
  if (group.length === 0) return
  const { definition, params, step, seed, signal } = run
  const model = run.model ?? noModel(step.name)
  const inBatch = <Asked extends { readonly rowIndex: number }>(question: Asked): Asked => ({
    ...question,
    rowIndex: group[question.rowIndex]?.index ?? question.rowIndex,
  })
  const context: AskingContext = {
    stepName: step.name,
    seed,
    signal,
    identities: group.map(({ staged }) => staged.identity),
    ask: (question) => readLater(model.ask(inBatch(question))),
    embed: (questions) => model.embed(questions.map(inBatch)).map(readLater),
    makeImage: (question) => readLater(model.makeImage(inBatch(question))),
    checkFormat: (...given) => model.checkFormat(...given),
    readStructured: (...answer) => model.readStructured(...answer),
  }
  let index = 0
  try {
    const views = group.flatMap(({ view }) => (view === undefined ? [] : [view]))
    for await (const output of definition.process(views, params, context)) {
      const outcome = group[index++]
      if (outcome !== undefined) outcome.output = output
    }
  } catch (error) {
    // A rejection that a step throws instead of yielding would belong to no row.
    throw signal.aborted ? error : toStepError(run, error)
  }
  if (index !== group.length)
    throw new RetortError(
      'step-threw',
      `Step '${step.name}' (${definition.type}) yielded ${index} items for ${group.length} rows; it must yield one item a row (a list for several, [] for none).`,
    )
}

/** What a step's code threw, as the error that its run stops at. */
function toStepError({ step, definition }: StepRun, error: unknown): unknown {
  if (isRetortError(error) && error.verdict !== 'reject') return error
  return new RetortError(
    'step-threw',
    `Step '${step.name}' (${definition.type}) threw: ${messageOf(error)}`,
    { cause: error },
  )
}

/**
 * Runs a function of a step that takes any row over rows one after the other, as {@link runStep} does: rows that only
 * pass are not read.
 */
export function runOverAnyRows(
  run: StepRun,
  work: (staged: StagedRow) => StepOutput<Row>,
): StepResult {
  const result: StepResult = { rows: [], rejected: [] }
  for (const staged of run.rows) {
    let output: StepOutput<Row>
    try {
      output = work(staged)
    } catch (error) {
      throw toStepError(run, error)
    }
    collect(run, staged, output, result)
  }
  return result
}

/** Code may ask for all rows at once and read one answer after another; an error waits until it is read. */
function readLater<Answer>(answer: Promise<Answer>): Promise<Answer> {
  answer.catch(() => {})
  return answer
}

/** What a step has to ask that has no model. */
export function noModel(stepName: string): StepModel {
  const none = () => Promise.reject(new TypeError(`Step '${stepName}' has no model to ask.`))
  return {
    ask: none,
    embed: (questions) => questions.map(none),
    makeImage: none,
    checkFormat: none,
    readStructured: none,
  }
}

function collect(
  run: StepRun,
  staged: StagedRow,
  output: StepOutput<Row>,
  result: StepResult,
): void {
  if (!Array.isArray(output)) return collectOne(run, staged, output as Row | Rejection, result)
  for (const [k, item] of output.entries())
    collectOne(
      run,
      { ...staged, origin: `${staged.origin}.${k}`, identity: `${staged.identity}.${k}` },
      item,
      result,
    )
}

function collectOne(
  run: StepRun,
  staged: StagedRow,
  item: Row | Rejection,
  result: StepResult,
): void {
  if (isRejection(item)) {
    const { code, reason, raw } = item
    result.rejected.push({ ...staged, step: run.step.name, code, reason, raw: raw ?? null })
    return
  }
  const added = checkOutput(run, staged.origin, item)
  const names = Object.keys(added)
  if (run.step.keeps === undefined && names.length === 0) {
    result.rows.push(staged)
    return
  }
  const row: Record<string, unknown> = {}
  if (run.step.keeps === undefined) Object.assign(row, staged.row)
  else for (const name of run.step.keeps) row[name] = staged.row[name]
  for (const name of names) row[run.step.outputs?.[name] ?? name] = added[name]
  result.rows.push({ ...staged, row })
}

/** What a step adds to a row, as its schema of outputs gives it. */
function checkOutput({ definition, step }: StepRun, origin: string, item: Row): Row {
  // Where the columns depend on parameters, the schema does not know them; a task has checked its answers itself.
  if (definition.columns !== undefined) return item
  const checked = definition.outputs['~standard'].validate(item)
  if (checked instanceof Promise)
    throw new RetortError(
      'step-threw',
      `The output schema of step '${step.name}' is asynchronous; use a synchronous one.`,
    )
  if (checked.issues === undefined) return checked.value
  const [issue] = checked.issues
  const [first] = issue?.path ?? []
  const own =
    first === undefined ? undefined : String(typeof first === 'object' ? first.key : first)
  const column = own === undefined ? undefined : (step.outputs?.[own] ?? own)
  const there = own === undefined ? item : isObject(item) ? item[own] : undefined
  const yields =
    column !== undefined && there === undefined
      ? `yields no column '${column}' for row ${origin}`
      : `yields ${shown(there)}${column === undefined ? '' : ` as column '${column}'`} for row ${origin}`
  throw new RetortError(
    'column-mistyped',
    `Step '${step.name}' (${definition.type}) ${yields}, which its outputs do not allow: ${issue?.message ?? 'invalid'}.`,
    { data: { step: step.name, origin, ...(column === undefined ? {} : { column }) } },
  )
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > mostShownCharacters ? `${text.slice(0, mostShownCharacters)}…` : text
}
