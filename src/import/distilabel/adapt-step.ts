import { isObject } from '../../core/json.ts'
import { pathOf } from './adapt-model.ts'
import type { DumpedStep, Fields } from './dump.ts'
import type { Report } from './finding.ts'

/** A step of a dump with its mappings, the step's column to the data's column. */
export interface MappedStep extends DumpedStep {
  readonly inputs: Readonly<Record<string, string>>
  readonly outputs: Readonly<Record<string, string>>
}

/** Brings the fields of classes that say something otherwise than ours into the form of ours. */
export function adaptStep(step: DumpedStep, report: Report): MappedStep {
  const mapped = {
    ...step,
    inputs: columnNames(step.fields['input_mappings']),
    outputs: columnNames(step.fields['output_mappings']),
  }
  switch (step.type.name) {
    case 'GroupColumns':
      return adaptGroupColumns(mapped)
    case 'CombineOutputs':
      return adaptCombineOutputs(mapped, report)
    case 'LoadDataFromFileSystem':
      return { ...mapped, fields: adaptFiles(mapped, report) }
    case 'LoadDataFromDisk':
      return { ...mapped, fields: withPath(mapped.fields, 'dataset_path') }
    default:
      return mapped
  }
}

function columnNames(mappings: unknown): Readonly<Record<string, string>> {
  if (!isObject(mappings)) return {}
  return Object.fromEntries(
    Object.entries(mappings).filter((entry): entry is [string, string] => {
      return typeof entry[1] === 'string'
    }),
  )
}

/** Joins have no mappings; this one names the columns that it reads and writes itself. */
function adaptGroupColumns(step: MappedStep): MappedStep {
  const { inputs, outputs, fields } = step
  const columns = textsIn(fields['columns'])
  const named = fields['output_columns']
  const isMapped = Object.keys(inputs).length + Object.keys(outputs).length > 0
  if (!isMapped) return step
  const targets = columns.map((column, index) => textsIn(named)[index] ?? `grouped_${column}`)
  return {
    ...step,
    inputs: {},
    outputs: {},
    fields: {
      ...fields,
      columns: columns.map((column) => inputs[column] ?? column),
      // A column that it writes under the name of one that it reads goes where that one came from.
      output_columns: targets.map((target) => outputs[target] ?? inputs[target] ?? target),
    },
  }
}

function adaptCombineOutputs(step: MappedStep, report: Report): MappedStep {
  for (const member of ['input_mappings', 'output_mappings'] as const)
    if (Object.keys(columnNames(step.fields[member])).length > 0)
      report({
        step: step.name,
        what: `parameter '${member}' of step '${step.name}' maps columns of a join`,
        todo: "map them with 'output_mappings' of the steps before it",
      })
  return { ...step, inputs: {}, outputs: {} }
}

function adaptFiles({ name, fields }: MappedStep, report: Report): Fields {
  const { filetype } = fields
  if (filetype === 'text')
    report({
      step: name,
      what: `parameter 'filetype' of step '${name}' makes each line of a text a row, which is not here`,
      todo: 'make the lines a JSONL or CSV file, and leave the parameter out',
    })
  return withPath(fields, 'data_files')
}

function withPath(fields: Fields, name: string): Fields {
  return Array.isArray(fields[name]) ? { ...fields, [name]: pathOf(fields[name]) } : fields
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string')
    : []
}
