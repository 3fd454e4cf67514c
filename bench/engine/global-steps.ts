import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { distinctRows, writeKilobyteRows } from './kilobyte-rows.ts'
import { readActivitySeconds } from './histories.ts'
import { measureRun, peakMegabytes } from './retort-process.ts'

/** What a shuffle and a deduplication of many rows came to. */
export interface GlobalRun {
  /** Writing the rows into a store once and reading them once, in a process of its own. */
  readonly onceSeconds: number
  readonly shuffleSeconds: number
  readonly deduplicateSeconds: number
  readonly peakMegabytes: number
  readonly runSeconds: number
}

/** Shuffles and deduplicates so many rows of 1 kB. */
export async function runGlobalSteps(rows: number): Promise<GlobalRun> {
  const folder = mkdtempSync(join(tmpdir(), 'retort-bench-'))
  try {
    const file = join(folder, 'rows.jsonl')
    await writeKilobyteRows(file, rows)
    const script = fileURLToPath(new URL('write-and-read.ts', import.meta.url))
    const onceSeconds = Number.parseFloat(execFileSync(process.execPath, [script, file]).toString())
    const steps = [
      { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'rows.jsonl' } },
      { name: 'shuffle', type: 'ShuffleRows', after: ['load'] },
      {
        name: 'once',
        type: 'DeduplicateRows',
        after: ['shuffle'],
        params: { columns: ['text'] },
      },
    ]
    const spec = { version: 1, name: 'bench', steps }
    writeFileSync(join(folder, 'pipeline.json'), JSON.stringify(spec))
    const { result, memory } = await measureRun(folder, ['pipeline.json'])
    if (result.dataset?.rows !== distinctRows(rows))
      throw new Error(`${result.dataset?.rows} rows are left instead of ${distinctRows(rows)}.`)
    const seconds = await readActivitySeconds(folder, result.runId, ['planGlobal', 'runGlobal'])
    return {
      onceSeconds,
      shuffleSeconds: seconds.get(1) ?? 0,
      deduplicateSeconds: seconds.get(2) ?? 0,
      peakMegabytes: peakMegabytes(memory),
      runSeconds: result.seconds,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
