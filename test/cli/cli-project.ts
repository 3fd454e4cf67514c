import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { createProject } from '../e2e/project.ts'
import type { Project } from '../e2e/project.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A project that depends on this package and on zod. */
export function createCliProject(): Project {
  const project = createProject()
  const modules = join(project.folder, 'node_modules')
  mkdirSync(modules)
  symlinkSync(root, join(modules, 'retort'))
  symlinkSync(join(root, 'node_modules', 'zod'), join(modules, 'zod'))
  return project
}

/** A pipeline whose answers are simulated, as JSON; `generate` overrides members of its second step. */
export function simulatedPipeline(
  name: string,
  rows: number,
  generate: Readonly<Record<string, unknown>> = {},
): string {
  const data = Array.from({ length: rows }, (_, id) => ({ id, instruction: `Question ${id}?` }))
  return JSON.stringify({
    version: 1,
    name,
    steps: [
      { name: 'load', type: 'LoadDataFromDicts', params: { data } },
      {
        name: 'generate',
        type: 'TextGeneration',
        after: ['load'],
        params: { llm: { type: 'SimulatedLLM', params: {} } },
        ...generate,
      },
    ],
  })
}

/** A pipeline with a task of its own, as a module. */
export const modulePipeline = `
import { Pipeline, defineTask, loadDataFromDicts, simulated, user } from 'retort'
import { z } from 'zod'

console.log('This module talks.')

const shout = defineTask({
  type: 'Shout',
  inputs: z.object({ word: z.string() }),
  outputs: z.object({ loud: z.string() }),
  formatInput: (row) => [user('Shout ' + row.word)],
  formatOutput: (text) => ({ loud: text.toUpperCase() }),
  example: (row) => row.word,
})

export default Pipeline.from('shouts', loadDataFromDicts([{ word: 'hello' }, { word: 'bye' }]))
  .step('shout', shout({ llm: simulated() }))
`
