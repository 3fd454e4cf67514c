import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A pipeline in a folder of its own. */
export interface BenchPipeline {
  readonly folder: string
  readonly file: string
}

/** A pipeline of one task over rows of about 300 characters. */
export function writePipeline(rows: number, llm: object): BenchPipeline {
  return writeSteps(rows, [
    { name: 'generate', type: 'TextGeneration', after: ['load'], params: { llm } },
  ])
}

/** Of five models two answer each row, their answers are grouped and judged, and columns kept: three calls a row. */
export function writeGraph(rows: number, llm: object): BenchPipeline {
  const names = ['one', 'two', 'three', 'four', 'five']
  return writeSteps(
    rows,
    [
      ...names.map((name) => ask(name, 'load', llm)),
      {
        name: 'group',
        type: 'GroupColumns',
        after: names,
        params: { columns: ['generation'], outputColumns: ['generations'] },
      },
      ask('judge', 'group', llm),
      keep('judge'),
    ],
    { type: 'SampleSteps', params: { size: 2 } },
  )
}

/** The same calls, one step after another. */
export function writeChain(rows: number, llm: object): BenchPipeline {
  return writeSteps(rows, [
    ask('one', 'load', llm, 'first'),
    ask('two', 'one', llm, 'second'),
    ask('judge', 'two', llm),
    keep('judge'),
  ])
}

function ask(name: string, after: string, llm: object, output = 'generation'): object {
  const template = `${name}: {{ instruction }}`
  return {
    name,
    type: 'TextGeneration',
    after: [after],
    outputs: { generation: output },
    params: { llm, template },
  }
}

function keep(after: string): object {
  return {
    name: 'format',
    type: 'KeepColumns',
    after: [after],
    params: { columns: ['instruction', 'generation'] },
  }
}

function writeSteps(rows: number, steps: readonly object[], route?: object): BenchPipeline {
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
      { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'rows.jsonl' }, route },
      ...steps,
    ],
  }
  writeFileSync(join(folder, 'pipeline.json'), JSON.stringify(spec))
  return { folder, file: 'pipeline.json' }
}

/** The question of a row. */
export function instruction(index: number): string {
  return `Question ${index}: ${'say in one sentence what a retort is good for and why. '.repeat(5)}`
}
