import { existsSync } from 'node:fs'

import { RetortError, messageOf } from '../core/errors.ts'
import { isObject } from '../core/json.ts'
import type { JsonObject } from '../core/json.ts'
import { nearestName, quoted } from '../core/names.ts'
import { showPrompt } from '../core/process-alone.ts'
import { stepOfType } from '../core/registry.ts'
import type { Registry } from '../core/registry.ts'
import type { PipelineSpec } from '../core/spec.ts'
import type { StepDefinition } from '../core/step.ts'
import { builtInRegistry } from '../registry.ts'
import { loadPipelineFile } from './load-pipeline-file.ts'
import { exitCodes } from './report-error.ts'
import { writeOut } from './stdout.ts'

/** Options of `retort task print`. */
export interface TaskPrintOptions {
  readonly row?: string
  readonly set: readonly string[]
  readonly params: readonly string[]
}

/** Prints what a task would ask a model. */
export async function taskPrintCommand(
  what: string,
  step: string | undefined,
  options: TaskPrintOptions,
): Promise<number> {
  const row = options.row === undefined ? undefined : parseRow(options.row)
  const { definition, params } = isFileName(what)
    ? await stepOfFile(what, step, options)
    : builtInTask(what)
  await writeOut(`${showPrompt(definition, params, row)}\n`)
  return exitCodes.completed
}

interface ChosenTask {
  readonly definition: StepDefinition
  readonly params: JsonObject
}

function isFileName(what: string): boolean {
  return /[./\\]/.test(what) || existsSync(what)
}

function builtInTask(type: string): ChosenTask {
  const tasks = [...builtInRegistry.steps.values()].flatMap(({ definition }) =>
    definition.kind === 'map' && definition.asks === 'llm' ? [definition] : [],
  )
  const definition = tasks.find((one) => one.type === type)
  if (definition === undefined)
    throw new RetortError(
      'step-type-unknown',
      `There is no built-in task '${type}'. ${nearestName(
        type,
        tasks.map((one) => one.type),
      )}`,
    )
  // A task takes a model among its parameters; no prompt depends on which.
  return { definition, params: { llm: { type: 'SimulatedLLM', params: {} } } }
}

async function stepOfFile(
  file: string,
  name: string | undefined,
  { set, params }: TaskPrintOptions,
): Promise<ChosenTask> {
  const { spec, registry } = await loadPipelineFile(file, { set, params, mayLack: true })
  const tasks = tasksOf(spec, registry)
  const named = tasks.filter((task) => name === undefined || task.name === name)
  const [only] = named
  if (only !== undefined && named.length === 1) return only
  const names = tasks.map((task) => task.name)
  if (name !== undefined)
    throw new RetortError(
      'usage',
      `Pipeline '${spec.name}' has no step '${name}' that asks a model. ${nearestName(name, names)}`,
    )
  throw new RetortError(
    'usage',
    tasks.length === 0
      ? `No step of pipeline '${spec.name}' asks a model.`
      : `Several steps of pipeline '${spec.name}' ask a model; name one of ${quoted(names)}.`,
  )
}

function tasksOf(
  spec: PipelineSpec,
  registry: Registry,
): readonly (ChosenTask & { readonly name: string })[] {
  return spec.steps.flatMap(({ name, type, params = {} }) => {
    const { definition } = stepOfType(registry, type, name)
    return definition.kind === 'map' && definition.asks === 'llm'
      ? [{ name, definition, params }]
      : []
  })
}

function parseRow(text: string): Readonly<Record<string, unknown>> {
  try {
    const row: unknown = JSON.parse(text)
    if (isObject(row)) return row
  } catch (cause) {
    throw new RetortError('usage', `--row is no JSON: ${messageOf(cause)}.`, { cause })
  }
  throw new RetortError('usage', '--row takes a JSON object of columns.')
}
