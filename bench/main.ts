import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

import { runBatchJob } from './engine/batch-job.ts'
import { runEditedParser } from './engine/edited-parser.ts'
import { runGlobalSteps } from './engine/global-steps.ts'
import { startFakeProcess } from './engine/fake-process.ts'
import { readHistories } from './engine/histories.ts'
import { writeChain, writeGraph, writePipeline } from './engine/pipelines.ts'
import { runVectors } from './engine/vectors.ts'
import { measureRun, memoryTrend, peakMegabytes } from './engine/retort-process.ts'

// `npm run bench [scenario …]`: what the engine adds to the calls that a dataset takes anyway. Each run is the built
// command in a process of its own; the provider is the fake one, in another.

interface Line {
  readonly scenario: string
  readonly measured: string
  readonly target: string
  readonly isReached: boolean
}

const fakeModel = (baseURL: string, maxConcurrency: number) => ({
  type: 'OpenAILLM',
  params: { model: 'm', baseURL, apiKeyEnv: 'BENCH_KEY' },
  limits: { maxConcurrency },
})
const env = { BENCH_KEY: 'none' }

const scenarios: Readonly<Record<string, () => Promise<Line[]>>> = {
  'latency-100': () => withLatency(2_000, 50, 100),
  'latency-500': () => withLatency(2_000, 200, 500),
  'no-latency': withoutLatency,
  'start-up': startUp,
  memory: flatMemory,
  'edited-parser': editedParser,
  graph: graphAgainstChain,
  global: globalSteps,
  vectors,
  jobs: batchJobs,
}

async function withLatency(rows: number, inFlight: number, latencyMs: number): Promise<Line[]> {
  const fake = await startFakeProcess({ latencyMs })
  try {
    const { folder, file } = writePipeline(rows, fakeModel(fake.baseURL, inFlight))
    const { result } = await measureRun(folder, [file], env)
    const { peakInFlight, duplicates } = await fake.stats()
    const ideal = ((rows / inFlight) * latencyMs) / 1_000
    const ratio = result.seconds / ideal
    return [
      {
        scenario: `${rows} rows, ${inFlight} in flight, ${latencyMs} ms`,
        measured: `${result.seconds.toFixed(2)} s = ${ratio.toFixed(2)} × ${ideal.toFixed(1)} s; ${peakInFlight} in flight, ${duplicates} asked twice`,
        target: '≤ 1.15 ×',
        isReached: ratio <= 1.15 && peakInFlight === inFlight && duplicates === 0,
      },
    ]
  } finally {
    await fake.stop()
  }
}

async function withoutLatency(): Promise<Line[]> {
  const rows = 20_000
  const inFlight = 100
  const fake = await startFakeProcess({ latencyMs: 0 })
  try {
    const bare = (transport: string) => {
      const script = fileURLToPath(new URL('engine/bare-loop.ts', import.meta.url))
      return Number(
        execFileSync(process.execPath, [
          script,
          fake.baseURL,
          String(rows),
          String(inFlight),
          transport,
        ]).toString(),
      )
    }
    const ownFetch = bare('own fetch')
    const undici = bare('undici.request')
    const { folder, file } = writePipeline(rows, fakeModel(fake.baseURL, inFlight))
    const { result } = await measureRun(folder, [file], env)
    const rate = rows / result.seconds
    return [
      {
        scenario: `${rows} rows, ${inFlight} in flight, 0 ms`,
        measured: `${rate.toFixed(0)} rows/s = ${((rate / ownFetch) * 100).toFixed(0)} % of a bare loop over openai (${ownFetch.toFixed(0)}; over undici.request ${undici.toFixed(0)})`,
        target: '≥ 60 % and ≥ 2,000 rows/s',
        isReached: rate >= 2_000 && rate >= 0.6 * ownFetch,
      },
    ]
  } finally {
    await fake.stop()
  }
}

async function graphAgainstChain(): Promise<Line[]> {
  const rows = 10_000
  const inFlight = 100
  const fake = await startFakeProcess({ latencyMs: 0 })
  try {
    const llm = fakeModel(fake.baseURL, inFlight)
    const chain = writeChain(rows, llm)
    const graph = writeGraph(rows, llm)
    const straight = (await measureRun(chain.folder, [chain.file], env)).result
    const branching = (await measureRun(graph.folder, [graph.file], env)).result
    const ratio = branching.seconds / straight.seconds
    return [
      {
        scenario: `${rows} rows, two of five branches each, grouped and judged, 0 ms`,
        measured: `${branching.seconds.toFixed(1)} s = ${ratio.toFixed(2)} × ${straight.seconds.toFixed(1)} s of the same ${straight.calls} calls in a chain`,
        target: '≤ 1.3 ×',
        isReached: ratio <= 1.3 && branching.calls === straight.calls,
      },
    ]
  } finally {
    await fake.stop()
  }
}

async function startUp(): Promise<Line[]> {
  const seconds: number[] = []
  for (let round = 0; round < 3; round++) {
    // A folder of its own each time, so that each run starts its own server.
    const { folder, file } = writePipeline(1, { type: 'SimulatedLLM', params: {} })
    seconds.push((await measureRun(folder, [file])).processSeconds)
  }
  const median = seconds.toSorted((a, b) => a - b)[1] ?? 0
  return [
    {
      scenario: '1 row, whole process, server started for it',
      measured: `${median.toFixed(2)} s (${seconds.map((one) => one.toFixed(2)).join(', ')})`,
      target: '< 3 s',
      isReached: median < 3,
    },
  ]
}

async function flatMemory(): Promise<Line[]> {
  const rows = 100_000
  const { folder, file } = writePipeline(rows, { type: 'SimulatedLLM', params: {} })
  const { result, memory } = await measureRun(folder, [file])
  const { longest, total } = await readHistories(folder, result.runId)
  const { early, late, isFlat } = memoryTrend(memory, memory.at(-1)?.seconds ?? 0)
  const peak = peakMegabytes(memory)
  const batches = rows / 50
  return [
    {
      scenario: `${rows} rows, simulated model`,
      measured: `${result.seconds.toFixed(1)} s, ${(rows / result.seconds).toFixed(0)} rows/s; memory ${early.toFixed(0)} → ${late.toFixed(0)} MB (peak ${peak.toFixed(0)})`,
      target: 'flat',
      isReached: isFlat,
    },
    {
      scenario: 'its histories',
      measured: `longest ${longest} events; ${(total / batches).toFixed(1)} events a batch`,
      target: '≤ 4,096',
      isReached: longest <= 4_096,
    },
  ]
}

async function editedParser(): Promise<Line[]> {
  const rows = 100_000
  const { firstSeconds, againSeconds, calls, reusedAnswers, reads } = await runEditedParser(rows)
  return [
    {
      scenario: `${rows} answered rows again, with another parser, over S3`,
      measured: `${calls} calls, ${reusedAnswers} answers reused, ${reads} reads of the store; ${againSeconds.toFixed(1)} s after ${firstSeconds.toFixed(1)} s`,
      target: '0 calls, ≤ 1 read per 20 rows',
      isReached: calls === 0 && reusedAnswers === rows && reads <= rows / 20,
    },
  ]
}

async function globalSteps(): Promise<Line[]> {
  const rows = 2_000_000
  const done = await runGlobalSteps(rows)
  const ratio = (seconds: number) => seconds / done.onceSeconds
  const text = (seconds: number) => `${seconds.toFixed(0)} s = ${ratio(seconds).toFixed(2)} ×`
  const slowest = Math.max(done.shuffleSeconds, done.deduplicateSeconds)
  return [
    {
      scenario: `${rows} rows of 1 kB shuffled, and deduplicated`,
      measured: `${text(done.shuffleSeconds)} and ${text(done.deduplicateSeconds)} writing and reading them once (${done.onceSeconds.toFixed(0)} s); the whole run ${done.runSeconds.toFixed(0)} s`,
      target: '≤ 3 ×',
      isReached: ratio(slowest) <= 3,
    },
    {
      scenario: 'its memory',
      measured: `peak ${done.peakMegabytes.toFixed(0)} MB`,
      target: '< 700 MB',
      isReached: done.peakMegabytes < 700,
    },
  ]
}

async function vectors(): Promise<Line[]> {
  const few = await runVectors(10_000)
  const many = await runVectors(100_000)
  const text = (share: number) => `${share.toFixed(2)} ×`
  return [
    {
      scenario: '10000 vectors of 1,536 floats, simulated model',
      measured: `journal ${text(few.journalShare)}, chunks ${text(few.chunksShare)} the floats themselves; ${few.seconds.toFixed(1)} s`,
      target: '≤ 1.1 ×',
      isReached: few.journalShare <= 1.1 && few.chunksShare <= 1.1,
    },
    {
      scenario: 'the memory of the step of 100000 of them',
      measured: `${many.stepTrend.early.toFixed(0)} → ${many.stepTrend.late.toFixed(0)} MB (peak ${many.stepMegabytes.toFixed(0)}, of 10000 ${few.stepMegabytes.toFixed(0)}); with writing the dataset ${many.peakMegabytes.toFixed(0)} MB (of 10000 ${few.peakMegabytes.toFixed(0)}); ${many.seconds.toFixed(0)} s`,
      target: 'flat',
      isReached: many.stepTrend.isFlat,
    },
  ]
}

async function batchJobs(): Promise<Line[]> {
  const few = await runBatchJob(5_000)
  const many = await runBatchJob(50_000)
  return [
    {
      scenario: 'a batch job of 50000 prompts of 1 kB',
      measured: `${many.seconds.toFixed(0)} s, ${many.submissions} job, ${many.online} asked online; peak ${many.peakMegabytes.toFixed(0)} MB, of 5000 ${few.peakMegabytes.toFixed(0)} MB`,
      target: 'flat',
      isReached:
        many.submissions === 1 &&
        many.online === 0 &&
        many.peakMegabytes <= few.peakMegabytes * 1.25,
    },
  ]
}

const chosen = process.argv.slice(2)
const [cpu] = cpus()
process.stdout.write(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpu?.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}, Node ${process.version}\n\n| scenario | measured | target | |\n|---|---|---|---|\n`,
)
let isAllReached = true
for (const [name, run] of Object.entries(scenarios)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  for (const { scenario, measured, target, isReached } of await run()) {
    isAllReached &&= isReached
    process.stdout.write(
      `| ${scenario} | ${measured} | ${target} | ${isReached ? 'yes' : 'no'} |\n`,
    )
  }
}
process.exitCode = isAllReached ? 0 : 1
