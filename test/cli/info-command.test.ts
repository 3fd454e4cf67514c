import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { PipelineInfo } from '../../src/index.ts'
import type { Project } from '../e2e/project.ts'
import { retort } from '../e2e/retort-command.ts'
import { createCliProject, modulePipeline, simulatedPipeline } from './cli-project.ts'

let project: Project

beforeAll(() => {
  project = createCliProject()
  project.write('answers.json', simulatedPipeline('answers', 4))
  project.write('shouts.ts', modulePipeline)
  project.write(
    'low.yaml',
    'generate: { numGenerations: 2, maxReasks: 0 }\nload.data: [{ instruction: a }]\n',
  )
  project.write('high.yaml', 'generate.numGenerations: 3\n')
})
afterAll(() => project.remove())

async function info(...args: readonly string[]): Promise<PipelineInfo> {
  const { stdout, stderr } = await retort(project.folder, ['info', ...args, '--json'])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as PipelineInfo
}

test('info tells steps, columns, models, cost and parameters, and starts nothing', async () => {
  const { code, stdout, stderr } = await retort(project.folder, ['info', 'answers.json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const line of [
    /^answers {2}\/.*answers\.json$/m,
    /^generate +task, leaf +TextGeneration +load +about 4$/m,
    /^load +generate +id +integer$/m,
    /^ +instruction +string +instruction$/m,
    /^generate +dataset +id/m,
    /^generate +simulated \(simulated\) +simulated +found as it goes +2,048 tokens +0 in, 0 out$/m,
    /^generate +4 +4 +12 +\d+ +2,048 +\$0$/m,
    /^generate\.numGenerations +integer +1$/m,
    /^generate\.llm\.type +string +"SimulatedLLM" +required$/m,
    /^Calls are estimated: /m,
  ])
    expect(stdout).toMatch(line)
  expect(existsSync(join(project.folder, '.retort'))).toBe(false)
})

test('--json prints one object, also of a module with steps of its own that logs', async () => {
  expect(await info('shouts.ts', '--max-rows', '1')).toMatchObject({
    name: 'shouts',
    seed: 0,
    steps: [
      { name: 'load', kind: 'generator', rows: { count: 1, certainty: 'exact' } },
      { name: 'shout', type: 'Shout', after: ['load'], calls: { calls: 1 } },
    ],
    edges: [
      { from: 'load', to: 'shout', columns: [{ name: 'word', readAs: 'word' }] },
      { from: 'shout', to: null },
    ],
    estimate: { calls: 1, costUsd: 0 },
  })
})

test("--params holds over the pipeline's own values, a later file over an earlier one, and --set over both", async () => {
  const generations = async (...args: readonly string[]) => {
    const { steps } = await info('answers.json', ...args)
    const values = steps.flatMap(({ params }) => params.map(({ path, value }) => [path, value]))
    return (Object.fromEntries(values) as Record<string, unknown>)['generate.numGenerations']
  }
  const files = ['--params', 'low.yaml', '--params', 'high.yaml']
  expect(await generations()).toBeUndefined()
  expect(await generations('--params', 'low.yaml')).toBe(2)
  expect(await generations(...files)).toBe(3)
  expect(await generations('--set', 'generate.numGenerations=4', ...files)).toBe(4)
  const { estimate } = await info('answers.json', ...files)
  expect(estimate).toMatchObject({ rows: { count: 1 }, calls: 3, mostCalls: 3 })
})

test('what is wrong in a file of parameters is told in one sentence, by every command that takes it', async () => {
  project.write('unknown.yaml', 'generate: { numGeneration: 2 }\n')
  project.write('step.yaml', 'generat.numGenerations: 2\n')
  for (const command of ['run', 'info', 'draw']) {
    const ended = await retort(project.folder, [
      command,
      'answers.json',
      '--params',
      'unknown.yaml',
    ])
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain(
      "has no parameter 'numGeneration'. Did you mean 'numGenerations'?",
    )
  }
  const print = ['task', 'print', 'answers.json', '--params', 'step.yaml']
  expect((await retort(project.folder, print)).stderr).toBe(
    "error: 'generat.numGenerations' in 'step.yaml' names the step 'generat', which the pipeline does not have. Did you mean 'generate'?\n",
  )
})

test('draw prints Mermaid, and writes an SVG picture where the file ends in .svg', async () => {
  expect(await retort(project.folder, ['draw', 'shouts.ts'])).toMatchObject({
    code: 0,
    stdout: `flowchart TD
  s0[/"load<br/>LoadDataFromDicts"/]
  s1(["shout<br/>Shout<br/>simulated"])
  d0[("shout<br/>dataset")]
  s0 --> s1
  s1 --> d0
`,
  })
  const drawn = await retort(project.folder, ['draw', 'shouts.ts', '--output', 'new/shouts.svg'])
  expect(drawn).toMatchObject({ code: 0, stdout: '' })
  expect(drawn.stderr).toContain('Wrote new/shouts.svg.')
  const svg = readFileSync(join(project.folder, 'new/shouts.svg'), 'utf8')
  expect(svg).toMatch(
    /^<svg [\s\S]*<title>Pipeline shouts<\/title>[\s\S]*>shout<\/text>[\s\S]*<\/svg>\n$/,
  )
  const model = ['--format', 'svg', '--set', 'shout.llm.params.model=other']
  expect((await retort(project.folder, ['draw', 'shouts.ts', ...model])).stdout).toContain(
    '>other<',
  )
})
