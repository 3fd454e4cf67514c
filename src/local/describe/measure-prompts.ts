import type { ChatMessage } from '../../core/chat.ts'
import type { Row } from '../../core/columns.ts'
import { identitiesOf } from '../../core/process-alone.ts'
import { contractOf } from '../../core/resolve-columns.ts'
import { isGenerator } from '../../core/resolve-pipeline.ts'
import type { ResolvedStep } from '../../core/resolve-pipeline.ts'
import type { StepDefinition } from '../../core/step.ts'

/** What the prompts of a pipeline are measured with. */
export interface PromptMeasure {
  readonly steps: ReadonlyMap<string, ResolvedStep>
  /** Generator to its first rows. */
  readonly samples: ReadonlyMap<string, readonly Row[]>
  /** The pipeline's. */
  readonly seed: number
  /** Most tokens that messages may take. */
  tokensOf(messages: readonly ChatMessage[]): number
  /** Most tokens of an answer of a step's model. */
  outputTokensOf(step: ResolvedStep): number
}

/**
 * The most input tokens of a call of a step: those of the longest prompt over the first rows of the source, and for each
 * column that an earlier task writes as many as that task's longest answer has.
 *
 * @returns `undefined` where a prompt holds what neither the source nor a task gives
 */
export function measurePrompts(step: ResolvedStep, measure: PromptMeasure): number | undefined {
  const { definition, spec, params } = step
  const before = measure.steps.get(spec.after?.[0] ?? '')
  if (definition.kind !== 'map' || definition.prompt === undefined) return undefined
  if (isGenerator(definition)) return measureOwnPrompts(definition, step, measure)
  if (before?.columns === undefined) return undefined
  const read = columnsRead(definition, step, before, measure)
  if (read === undefined) return undefined
  const sources = new Set(read.flatMap(({ source }) => source ?? []))
  const [source] = sources
  if (sources.size > 1) return undefined
  const rows: readonly Row[] = source === undefined ? [{}] : (measure.samples.get(source) ?? [])
  const lengths = rows.map((row) => {
    const filled = Object.fromEntries(
      read.map(({ own, name, source, placeholder }) => [
        own,
        source === undefined ? placeholder : row[name],
      ]),
    )
    return promptTokens(definition, filled, params, measure)
  })
  const known = lengths.filter((length) => length !== undefined)
  // A row that makes no prompt is rejected by a run, and costs nothing.
  if (known.length === 0) return undefined
  return Math.max(...known) + read.reduce((sum, { answerTokens }) => sum + answerTokens, 0)
}

/** The longest of the first prompts of a task that begins a pipeline, as a run would make them. */
function measureOwnPrompts(
  definition: StepDefinition,
  { spec, params }: ResolvedStep,
  measure: PromptMeasure,
): number | undefined {
  const rows = measure.samples.get(spec.name) ?? []
  const lengths = identitiesOf(rows).flatMap(
    (identity) => promptTokens(definition, {}, params, measure, identity) ?? [],
  )
  return lengths.length === 0 ? undefined : Math.max(...lengths)
}

/** A column that a prompt may hold. */
interface ReadColumn {
  /** The step's name of it, and the data's. */
  readonly own: string
  readonly name: string
  /** The generator that writes it. */
  readonly source: string | undefined
  /** What stands for it where a task writes it. */
  readonly placeholder: unknown
  readonly answerTokens: number
}

function columnsRead(
  definition: StepDefinition,
  step: ResolvedStep,
  before: ResolvedStep,
  measure: PromptMeasure,
): readonly ReadColumn[] | undefined {
  const { schemas, writers } = before.columns ?? { schemas: {}, writers: {} }
  const found: ReadColumn[] = []
  for (const own of Object.keys(contractOf(definition, step.params, step.spec.name).reads)) {
    const name = step.spec.inputs?.[own] ?? own
    const writer = measure.steps.get(writers[name] ?? '')
    // A column that need not be there, and is not.
    if (writer === undefined) continue
    const { kind } = writer.definition
    const source = kind === 'generator' ? writer.spec.name : undefined
    const answers = source === undefined ? answersIn(writer, measure) : []
    if (answers === undefined) return undefined
    found.push({
      own,
      name,
      source,
      placeholder: schemas[name]?.['type'] === 'array' ? answers.map(() => '') : '',
      answerTokens: answers.reduce((sum, tokens) => sum + tokens, 0),
    })
  }
  return found
}

/** Most tokens of each answer that a column holds which a step writes; `undefined` where it holds something else. */
function answersIn(writer: ResolvedStep, measure: PromptMeasure): readonly number[] | undefined {
  if (writer.model !== undefined) {
    const { groupGenerations, numGenerations } = writer.params
    const count = groupGenerations === true ? Number(numGenerations) : 1
    return Array.from({ length: count }, () => measure.outputTokensOf(writer))
  }
  if (writer.definition.kind !== 'join') return undefined
  const ofBranches = (writer.branches ?? []).map(({ name, written }) => {
    const branch = measure.steps.get(name)
    const tasks = written.flatMap(
      (column) => measure.steps.get(branch?.columns?.writers[column] ?? '') ?? [],
    )
    const tokens = tasks.flatMap((task) =>
      task.model === undefined ? [] : measure.outputTokensOf(task),
    )
    return tokens.length === 0 ? undefined : Math.max(...tokens)
  })
  const known = ofBranches.filter((tokens) => tokens !== undefined)
  return known.length === ofBranches.length ? known : undefined
}

function promptTokens(
  definition: StepDefinition,
  row: Row,
  params: Row,
  { tokensOf, seed }: PromptMeasure,
  identity = '',
): number | undefined {
  try {
    return tokensOf(definition.prompt?.(row, params, { seed, identity }) ?? [])
  } catch {
    return undefined
  }
}
