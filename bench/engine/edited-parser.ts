import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startS3Server } from '../../test/servers/versitygw.ts'
import { startCountingProxy } from './counting-proxy.ts'
import { startFakeProcess } from './fake-process.ts'
import { instruction } from './pipelines.ts'
import { measureRun } from './retort-process.ts'

/** What running a pipeline again came to whose parser was edited. */
export interface EditedRun {
  readonly firstSeconds: number
  readonly againSeconds: number
  readonly calls: number
  readonly reusedAnswers: number
  /** Requests to the store that read, of the second run. */
  readonly reads: number
}

/** Runs a pipeline, edits how it reads its answers, and runs it again, over S3. */
export async function runEditedParser(rows: number): Promise<EditedRun> {
  const fake = await startFakeProcess({ latencyMs: 0 })
  const s3 = await startS3Server()
  const proxy = await startCountingProxy(s3.endpoint)
  try {
    await s3.createBucket('bench')
    const folder = mkdtempSync(join(tmpdir(), 'retort-bench-'))
    const lines = Array.from({ length: rows }, (_, index) =>
      JSON.stringify({ instruction: instruction(index) }),
    )
    writeFileSync(join(folder, 'rows.jsonl'), `${lines.join('\n')}\n`)
    const env = {
      ...s3.env,
      AWS_ENDPOINT_URL_S3: proxy.endpoint,
      BENCH_KEY: 'none',
      RETORT_STORE: 's3://bench/data',
    }
    const run = async (parser: string) => {
      writeFileSync(join(folder, 'pipeline.ts'), pipelineModule(fake.baseURL, parser))
      return (await measureRun(folder, ['pipeline.ts'], env)).result
    }
    const first = await run('text.trim()')
    proxy.reset()
    await fake.reset()
    const again = await run('text.trim().toUpperCase()')
    const { answered } = await fake.stats()
    if (answered !== again.calls)
      throw new Error(`The run tells ${again.calls} calls, the provider ${answered} answers.`)
    return {
      firstSeconds: first.seconds,
      againSeconds: again.seconds,
      calls: again.calls,
      reusedAnswers: again.reusedAnswers,
      reads: proxy.reads(),
    }
  } finally {
    await proxy.stop()
    await s3.stop()
    await fake.stop()
  }
}

function pipelineModule(baseURL: string, parser: string): string {
  const entry = new URL('../../dist/src/index.js', import.meta.url).href
  const zod = import.meta.resolve('zod')
  return `import { Pipeline, defineTask, loadDataFromFileSystem, openai, user } from '${entry}'
import { z } from '${zod}'

const answer = defineTask({
  type: 'BenchAnswer',
  inputs: z.object({ instruction: z.string() }),
  outputs: z.object({ answer: z.string() }),
  formatInput: ({ instruction }) => [user(instruction)],
  formatOutput: (text) => ({ answer: ${parser} }),
})

const llm = openai({ model: 'm', baseURL: '${baseURL}', apiKeyEnv: 'BENCH_KEY', limits: { maxConcurrency: 100 } })

export default Pipeline.from(
  'bench',
  loadDataFromFileSystem({ dataFiles: 'rows.jsonl', columns: z.object({ instruction: z.string() }) }),
).step('answer', answer({ llm }))
`
}
