import type { JsonObject } from '../../core/json.ts'
import type { Registry } from '../../core/registry.ts'
import type { UnsuppliedParameter } from '../unsupplied.ts'
import { parseDump } from './dump.ts'
import type { Dump } from './dump.ts'
import { unsupported } from './finding.ts'
import type { Finding } from './finding.ts'
import { translateRoute } from './translate-route.ts'
import { translateStep } from './translate-step.ts'

/** A dump as a spec, which is checked as any other. */
export interface TranslatedDump {
  readonly spec: JsonObject
  /** What settings have to supply before it can run. */
  readonly unsupplied: readonly UnsuppliedParameter[]
}

/**
 * Translates a pipeline that distilabel saved.
 *
 * @param where - what sentences call the file
 * @param registry - what there is here: a class that it has as step type can be imported
 * @throws RetortError `import-unsupported` with everything that has no counterpart, `spec-invalid` where it is damaged
 */
export function translateDump(value: unknown, where: string, registry: Registry): TranslatedDump {
  const dump = parseDump(value, where)
  const findings: Finding[] = []
  const unsupplied: UnsuppliedParameter[] = []
  const report = (finding: Finding) => findings.push(finding)
  const lack = (parameter: UnsuppliedParameter) => unsupplied.push(parameter)
  const routes = new Map(dump.routes.map((route) => [route.step, translateRoute(route, report)]))
  const steps = dump.steps.map((step): JsonObject => {
    const after = stepsBefore(step.name, dump)
    const route = routes.get(step.name)
    const { type = '', ...members } = translateStep(step, registry, { report, lack })
    return {
      name: step.name,
      type,
      ...(after.length === 0 ? {} : { after }),
      ...members,
      ...(route === undefined ? {} : { route }),
    }
  })
  if (findings.length > 0) throw unsupported(where, findings)
  return { spec: { version: 1, name: toName(dump.name), steps }, unsupplied }
}

/** In the order in which distilabel connects them again, which is the order of a join's branches. */
function stepsBefore(name: string, { connections }: Dump): readonly string[] {
  return connections.filter(({ to }) => to.includes(name)).map(({ from }) => from)
}

/** A name that a dataset can have; distilabel's may hold any character. */
function toName(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replaceAll(/^[-.]+|-+$/g, '')
  return plain === '' ? 'pipeline' : plain.slice(0, 200)
}
