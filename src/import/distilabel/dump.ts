import { RetortError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'

/** The class of a dumped object. */
export interface DumpedClass {
  readonly module: string
  readonly name: string
}

/** The fields of a dumped object. */
export type Fields = Readonly<Record<string, unknown>>

/** A step of a dump. */
export interface DumpedStep {
  readonly name: string
  readonly type: DumpedClass
  readonly fields: Fields
}

/** How the batches behind a step are routed. */
export interface DumpedRoute {
  readonly step: string
  /** What made the function; `undefined` where it is a function of the author's own. */
  readonly factory: DumpedClass | undefined
  readonly kwargs: unknown
}

/** A pipeline as distilabel wrote it. */
export interface Dump {
  readonly name: string
  readonly steps: readonly DumpedStep[]
  readonly connections: readonly { readonly from: string; readonly to: readonly string[] }[]
  readonly routes: readonly DumpedRoute[]
}

/** Whether a parsed file is what distilabel's `Pipeline.save` writes. */
export function isDump(value: unknown): boolean {
  return isObject(value) && isObject(value['distilabel']) && isObject(value['pipeline'])
}

/**
 * Turns what {@link isDump} has recognised into a dump.
 *
 * @param where - what sentences call the file
 * @throws RetortError `import-unsupported` for another release's, `spec-invalid` where it is damaged
 */
export function parseDump(value: unknown, where: string): Dump {
  const { distilabel, pipeline } = objectIn(value, where)
  const version = objectIn(distilabel, where)['version']
  if (typeof version !== 'string' || !version.startsWith('1.'))
    throw new RetortError(
      'import-unsupported',
      `${where} was written by distilabel ${JSON.stringify(version ?? null)}; files of distilabel 1 can be imported.`,
    )
  const { name, steps, connections, routing_batch_functions: routes } = objectIn(pipeline, where)
  return {
    name: typeof name === 'string' ? name : '',
    steps: listIn(steps, where).map((step) => parseStep(step, where)),
    connections: listIn(connections, where).map((connection) => {
      const { from, to } = objectIn(connection, where)
      return { from: textIn(from, where), to: listIn(to, where).map((end) => textIn(end, where)) }
    }),
    routes: listIn(routes ?? [], where).map((route) => {
      const { step, type_info: type } = objectIn(route, where)
      return {
        step: textIn(step, where),
        factory: type === undefined ? undefined : classOf(type),
        kwargs: isObject(type) ? type['kwargs'] : undefined,
      }
    }),
  }
}

/** The class that an object's `type_info` names. */
export function classOf(type: unknown): DumpedClass | undefined {
  if (!isObject(type)) return undefined
  const { module, name } = type
  return typeof module === 'string' && typeof name === 'string' ? { module, name } : undefined
}

function parseStep(value: unknown, where: string): DumpedStep {
  const { name, step } = objectIn(value, where)
  const fields = objectIn(step, where)
  const type = classOf(fields['type_info'])
  if (type === undefined) throw damaged(where)
  return { name: textIn(name, where), type, fields }
}

function objectIn(value: unknown, where: string): Fields {
  if (isObject(value)) return value
  throw damaged(where)
}

function listIn(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw damaged(where)
}

function textIn(value: unknown, where: string): string {
  if (typeof value === 'string') return value
  throw damaged(where)
}

function damaged(where: string): RetortError {
  return new RetortError(
    'spec-invalid',
    `${where} begins as a pipeline of distilabel does, but its steps and connections are not all there; save it again with 'pipeline.save'.`,
  )
}
