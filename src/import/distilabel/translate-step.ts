import { isRetortError } from '../../core/errors.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { modelKindOf, modelParams } from '../../core/model-param.ts'
import type { Registry } from '../../core/registry.ts'
import { contractOf } from '../../core/resolve-columns.ts'
import { parameterNames, resolveParams } from '../../core/resolve-params.ts'
import type { AnyDefinition } from '../../core/step.ts'
import { adaptStep } from './adapt-step.ts'
import type { MappedStep } from './adapt-step.ts'
import type { DumpedStep } from './dump.ts'
import type { Report } from './finding.ts'
import { isIgnored } from './ignored-fields.ts'
import { parameterName } from './parameter-name.ts'
import { holdsSecret } from './secret-field.ts'
import { translateModel } from './translate-model.ts'
import type { Told } from './translate-model.ts'

/** A step's `type`, `params` and mappings, as a spec has them. What has no counterpart is reported. */
export function translateStep(dumped: DumpedStep, registry: Registry, told: Told): JsonObject {
  const { name, type } = dumped
  reportSecrets(dumped, told.report)
  const definition = registry.steps.get(type.name)?.definition
  const isTheirs = type.module.startsWith('distilabel.')
  if (definition === undefined || !isTheirs) {
    told.report({
      step: name,
      what: isTheirs
        ? `step '${name}' is of the class ${type.name}, which is not here`
        : `step '${name}' is of the class ${type.module}.${type.name}, whose code the file leaves out`,
      todo: 'take it out, or write it in TypeScript with defineStep, defineTask or defineGenerator',
    })
    return { type: type.name }
  }
  const step = adaptStep(dumped, told.report)
  const params = translateParams(step, definition, told)
  const outputs = { ...writtenBack(step, definition, params), ...step.outputs }
  return {
    type: type.name,
    ...(Object.keys(step.inputs).length === 0 ? {} : { inputs: step.inputs }),
    ...(Object.keys(outputs).length === 0 ? {} : { outputs }),
    params,
  }
}

function reportSecrets({ name, fields }: DumpedStep, report: Report): void {
  for (const [field, value] of Object.entries(fields))
    if (holdsSecret(field, value))
      report({
        step: name,
        what: `parameter '${field}' of step '${name}' holds a secret`,
        todo: 'take it out of the file and put it into an environment variable',
      })
}

function translateParams(step: MappedStep, definition: AnyDefinition, told: Told): JsonObject {
  const { name, type, fields } = step
  const known = parameterNames(definition)
  const kind = modelKindOf(definition)
  const params: Record<string, JsonValue> = {}
  for (const [field, value] of Object.entries(fields)) {
    if (isIgnored(type.name, field, value) || holdsSecret(field, value)) continue
    // A step that needs all rows has no batches here.
    if (definition.kind === 'global' && field === 'input_batch_size') continue
    const parameter = parameterName(type.name, field)
    if (kind !== undefined && parameter === modelParams[kind]) {
      const path = [parameter]
      const translated = translateModel(value, { step: name, kind, field, path }, told)
      if (translated === undefined) continue
      const { model, ...ofStep } = translated
      Object.assign(params, { [parameter]: model }, ofStep)
    } else if (known.includes(parameter)) {
      // A dump holds JSON or YAML, and so do its members.
      params[parameter] = value as JsonValue
    } else
      told.report({
        step: name,
        what: `parameter '${field}' of step '${name}' (${type.name}) has no counterpart`,
        todo: 'take it out',
      })
  }
  // Dumps leave rows out.
  if (known.includes('data') && params['data'] === undefined)
    told.lack({
      step: name,
      path: ['data'],
      message: `Step '${name}' (${type.name}) has no rows, which distilabel leaves out of its files; give them with --set ${name}.data=@rows.jsonl.`,
    })
  return params
}

/**
 * Where columns go that a step writes under the name of a column that it reads: in distilabel, unless they are mapped
 * themselves, to where that one came from.
 */
function writtenBack(
  { name, type, inputs }: MappedStep,
  definition: AnyDefinition,
  params: JsonObject,
): Readonly<Record<string, string>> {
  if (definition.kind !== 'map' || Object.keys(inputs).length === 0) return {}
  try {
    const resolved = resolveParams(definition, { name, type: type.name, params })
    const { writes } = contractOf(definition, resolved.params, name)
    return Object.fromEntries(Object.entries(inputs).filter(([own]) => Object.hasOwn(writes, own)))
  } catch (error) {
    // Parameters that do not hold are told of when the pipeline is resolved, as any pipeline's are.
    if (isRetortError(error)) return {}
    throw error
  }
}
