import { isRetortError } from '../../../src/core/errors.ts'
import { loadPipeline } from '../../../src/local/pipelines/load-pipeline.ts'
import { builtInRegistry } from '../../../src/registry.ts'
import type { Outcome } from './load-in-node.ts'

const { files, set }: { files: string[]; set: string[] } = JSON.parse(process.argv[2] ?? '')

async function load(name: string): Promise<Outcome> {
  try {
    const { spec, registry, code, file } = await loadPipeline(name, { set })
    const own = [...registry.steps].filter(([type]) => !builtInRegistry.steps.has(type))
    const steps = Object.fromEntries(own.map(([type, step]) => [type, step.code]))
    const models = [...registry.models.keys()].filter((type) => !builtInRegistry.models.has(type))
    return { spec, code, file, steps, models }
  } catch (error) {
    if (!isRetortError(error)) throw error
    const { code, message, data } = error
    return { error: { code, message, data } }
  }
}

const outcomes: Outcome[] = []
for (const name of files) outcomes.push(await load(name))
process.stdout.write(JSON.stringify(outcomes))
