import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { spawnFakeBatches } from '../../test/servers/openai/spawn-fake-batches.ts'
import { measureRun, peakMegabytes } from './retort-process.ts'

/** What a run in batch jobs came to. */
export interface BatchJobRun {
  readonly seconds: number
  readonly peakMegabytes: number
  readonly submissions: number
  readonly online: number
}

/** Lets batch jobs of the fake provider answer so many prompts of 1 kB. */
export async function runBatchJob(rows: number): Promise<BatchJobRun> {
  const fake = await spawnFakeBatches({})
  const folder = mkdtempSync(join(tmpdir(), 'retort-bench-'))
  try {
    const prompts = Array.from({ length: rows }, (_, id) =>
      JSON.stringify({ instruction: `Prompt ${id}: ${'why, and what of it? '.repeat(50)}` }),
    )
    writeFileSync(join(folder, 'prompts.jsonl'), `${prompts.join('\n')}\n`)
    const llm = {
      type: 'OpenAILLM',
      params: { model: 'm', baseURL: `${fake.url}/v1`, apiKeyEnv: 'BENCH_KEY' },
    }
    const steps = [
      { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'prompts.jsonl' } },
      {
        name: 'ask',
        type: 'TextGeneration',
        after: ['load'],
        params: { llm, mode: 'batch' },
      },
    ]
    writeFileSync(
      join(folder, 'pipeline.json'),
      JSON.stringify({ version: 1, name: 'jobs', steps }),
    )
    const { result, memory } = await measureRun(folder, ['pipeline.json'], { BENCH_KEY: 'none' })
    const { submissions, online } = await fake.stats()
    return {
      seconds: result.seconds,
      peakMegabytes: peakMegabytes(memory),
      submissions,
      online,
    }
  } finally {
    await fake.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
