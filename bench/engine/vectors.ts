import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { measureRun, memoryTrend, peakMegabytes } from './retort-process.ts'

const dimensions = 1_536

/** What turning texts into vectors came to. */
export interface VectorsRun {
  readonly seconds: number
  readonly stepTrend: ReturnType<typeof memoryTrend>
  /** At most while the step ran, and in all: writing the dataset takes more. */
  readonly stepMegabytes: number
  readonly peakMegabytes: number
  /** Bytes of the journal, and of the chunks, as shares of the floats themselves. */
  readonly journalShare: number
  readonly chunksShare: number
}

/** Turns so many texts into vectors of 1,536 floats with a model that is simulated. */
export async function runVectors(rows: number): Promise<VectorsRun> {
  const folder = mkdtempSync(join(tmpdir(), 'retort-bench-'))
  try {
    const texts = Array.from({ length: rows }, (_, id) =>
      JSON.stringify({ id, text: `Text number ${id}` }),
    )
    writeFileSync(join(folder, 'texts.jsonl'), `${texts.join('\n')}\n`)
    const embeddings = { type: 'SimulatedEmbeddings', params: { dimensions } }
    const steps = [
      { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'texts.jsonl' } },
      { name: 'embed', type: 'EmbeddingGeneration', after: ['load'], params: { embeddings } },
    ]
    const spec = { version: 1, name: 'vectors', steps }
    writeFileSync(join(folder, 'pipeline.json'), JSON.stringify(spec))
    const startedAt = Date.now()
    const { result, memory } = await measureRun(folder, ['pipeline.json'])
    const pipeline = join(folder, '.retort', 'store', 'pipelines', 'vectors')
    const rawBytes = rows * dimensions * 4
    const chunks = filesIn(join(pipeline, 'chunks'))
    const stepEnd = (Math.max(...chunks.map(({ mtimeMs }) => mtimeMs)) - startedAt) / 1_000
    return {
      seconds: result.seconds,
      stepTrend: memoryTrend(memory, stepEnd),
      stepMegabytes: peakMegabytes(memory, stepEnd),
      peakMegabytes: peakMegabytes(memory),
      journalShare: sizeOf(filesIn(join(pipeline, 'journal'))) / rawBytes,
      chunksShare: sizeOf(chunks) / rawBytes,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function filesIn(folder: string): Stats[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => statSync(join(parentPath, name)))
}

function sizeOf(files: readonly Stats[]): number {
  return files.reduce((sum, { size }) => sum + size, 0)
}
