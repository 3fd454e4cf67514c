import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { createLab, resultOf, succeeded } from './lab.ts'
import type { Lab } from './lab.ts'
import type { ChaosPipeline } from './pipelines.ts'

/** What undisturbed runs made, each pipeline run once. */
export interface Undisturbed {
  /** The dataset of a pipeline as JSON lines. */
  rowsOf(pipeline: ChaosPipeline): Promise<string>
}

/** Runs pipelines in folders of their own, with a provider and servers that nothing happens to. */
export function createUndisturbed(): Undisturbed {
  const known = new Map<string, Promise<string>>()
  return {
    rowsOf(pipeline) {
      const id = JSON.stringify(pipeline.files('http://provider/v1'))
      const rows = known.get(id) ?? runUndisturbed(pipeline)
      known.set(id, rows)
      return rows
    },
  }
}

async function runUndisturbed(pipeline: ChaosPipeline): Promise<string> {
  const lab = createLab('undisturbed')
  try {
    const fake = await lab.fake({ ...pipeline.provider })
    const folder = lab.project('project', pipeline.files(fake.baseURL))
    const output = 'undisturbed.jsonl'
    const ended = await lab.run(folder, ['run', pipeline.file, '--output', output, '--json'])
    const { status, error } = resultOf(ended)
    if (status !== 'completed')
      throw new Error(`The undisturbed run of '${pipeline.name}' ${status}: ${error?.message}`)
    return readFileSync(join(folder, output), 'utf8')
  } finally {
    await lab.close(undefined)
  }
}

/** The dataset of a run as `retort export` writes it. */
export async function exportRows(
  lab: Lab,
  folder: string,
  run: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const file = `${run}.export.jsonl`
  succeeded(await lab.run(folder, ['export', run, '--output', file], env))
  return readFileSync(join(folder, file), 'utf8')
}
