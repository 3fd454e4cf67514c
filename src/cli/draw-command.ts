import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, extname } from 'node:path'

import { messageOf, RetortError } from '../core/errors.ts'
import { toMermaid } from '../core/graph/mermaid.ts'
import { toGraph } from '../core/graph/pipeline-graph.ts'
import { toSvg } from '../core/graph/svg.ts'
import { resolveToLook } from '../local/describe/resolve-to-look.ts'
import { loadPipelineFile } from './load-pipeline-file.ts'
import { exitCodes } from './report-error.ts'
import { writeOut } from './stdout.ts'

/** Options of `retort draw`. */
export interface DrawOptions {
  readonly set: readonly string[]
  readonly params: readonly string[]
  readonly format?: 'mermaid' | 'svg'
  readonly output?: string
}

/** Draws the graph of a pipeline. */
export async function drawCommand(file: string, options: DrawOptions): Promise<number> {
  const { output } = options
  const pipeline = await loadPipelineFile(file, { ...options, mayLack: true })
  const { steps, notes } = resolveToLook(pipeline, { environment: process.env })
  const graph = toGraph(
    steps.map(({ spec, definition, model }) => ({
      name: spec.name,
      type: spec.type,
      ...(spec.after === undefined ? {} : { after: spec.after }),
      ...(spec.route === undefined ? {} : { route: spec.route }),
      kind: definition.kind,
      model: model?.model,
    })),
  )
  const format =
    options.format ?? (extname(output ?? '').toLowerCase() === '.svg' ? 'svg' : 'mermaid')
  const text = format === 'svg' ? toSvg(graph, `Pipeline ${pipeline.spec.name}`) : toMermaid(graph)
  for (const note of notes) process.stderr.write(`${note}\n`)
  if (output === undefined) await writeOut(text)
  else await writeTo(output, text)
  return exitCodes.completed
}

async function writeTo(output: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(output), { recursive: true })
    await writeFile(output, text)
  } catch (cause) {
    throw new RetortError(
      'store-read-only',
      `--output '${output}' cannot be written: ${messageOf(cause)}.`,
      { cause },
    )
  }
  process.stderr.write(`Wrote ${output}.\n`)
}
