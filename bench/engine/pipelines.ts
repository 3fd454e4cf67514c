import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder with a pipeline of one task over rows of about 300 characters. */
export function writePipeline(rows: number, llm: object): { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'retort-bench-'))
  mkdirSync(folder, { recursive: true })
  const text = Array.from({ length: rows }, (_, index) =>
    JSON.stringify({ instruction: instruction(index) }),
  ).join('\n')
  writeFileSync(join(folder, 'rows.jsonl'), `${text}\n`)
  const spec = {
    version: 1,
    name: 'bench',
    steps: [
      { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'rows.jsonl' } },
      { name: 'generate', type: 'TextGeneration', after: ['load'], params: { llm } },
    ],
  }
  writeFileSync(join(folder, 'pipeline.json'), JSON.stringify(spec))
  return { folder, file: 'pipeline.json' }
}

/** The question of a row. */
export function instruction(index: number): string {
  return `Question ${index}: ${'say in one sentence what a retort is good for and why. '.repeat(5)}`
}
