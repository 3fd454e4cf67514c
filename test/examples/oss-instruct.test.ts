import { simulated } from 'retort'
import type { Row, StepContext } from 'retort'
import { expect, test } from 'vitest'

import { ossInstruct } from '../../examples/oss-instruct/oss-instruct.ts'
import pipeline from '../../examples/oss-instruct/pipeline.ts'

const task = ossInstruct({ llm: simulated() })
const snippet = 'const total = parts.reduce((sum, part) => sum + part.length, 0)'

/** What the task makes of a model's answer. */
async function answered(text: string): Promise<unknown> {
  const context: StepContext = {
    stepName: 'generate',
    seed: 0,
    identities: ['0'],
    signal: new AbortController().signal,
    ask: async () => ({
      choices: [{ text, finishReason: 'stop' }],
      usage: { inputTokens: 1, outputTokens: 1 },
      model: 'canned',
    }),
  }
  const rows: Row[] = [{ code_snippet: snippet }]
  for await (const output of ossInstruct.definition.process(rows, {}, context)) return output
  return undefined
}

test('the pipeline takes 20 files and keeps what is useful', () => {
  const { name, steps } = pipeline.spec
  expect(name).toBe('oss-instruct')
  expect(steps.map((step) => step.name)).toEqual(['load', 'snippet', 'generate', 'keep'])
  expect(steps[0]?.params?.['numExamples']).toBe(20)
  expect(steps[3]?.params?.['columns']).toEqual([
    'path',
    'code_snippet',
    'problem',
    'solution',
    'model_name',
  ])
})

test('the prompt shows the snippet and names both sections', () => {
  const printed = task.print({ code_snippet: snippet })
  expect(printed).toContain(`\`\`\`\n${snippet}\n\`\`\``)
  expect(printed).toMatch(/^\[Problem Description\]$/m)
  expect(printed).toMatch(/^\[Solution\]$/m)
})

test('a snippet with a fence of its own is shown in a longer one', () => {
  const fenced = '```js\na\n```'
  expect(task.print({ code_snippet: fenced })).toContain(`\`\`\`\`\n${fenced}\n\`\`\`\``)
})

test('a simulated model answers each snippet with a problem and its solution', async () => {
  const rows = [
    { code_snippet: snippet, id: 1 },
    { code_snippet: '}', id: 2 },
  ]
  const made = await task.process(rows)
  expect(made).toEqual([
    {
      ...rows[0],
      problem: expect.stringContaining('`total`'),
      solution: expect.stringContaining('```js\n'),
      model_name: 'simulated',
    },
    {
      ...rows[1],
      problem: expect.stringContaining('`alpha`'),
      solution: expect.stringContaining('"beta"'),
      model_name: 'simulated',
    },
  ])
  expect(await task.process(rows)).toEqual(made)
})

test('the solution of a simulated model solves its problem', async () => {
  const [row] = await task.process([{ code_snippet: snippet }])
  const [, code = ''] = /```js\n(.*)```/s.exec(row?.solution ?? '') ?? []
  const { countNames } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  expect(countNames('total totals total; parts')).toEqual({
    const: 0,
    total: 2,
    parts: 1,
    reduce: 0,
  })
})

test.each([
  ['plain', '[Problem Description]\nAdd.\n\n[Solution]\na + b'],
  ['bold', '**[Problem Description]**\nAdd.\n\n**[Solution]**\na + b'],
  ['bold with colons', '**[Problem Description]:**\n\nAdd.\n\n**[Solution]**:\n\na + b\n'],
  ['headings', '## [Problem Description]\nAdd.\n\n## [Solution]\na + b'],
  ['headings without brackets', '# Problem Description\nAdd.\n\n### **Solution**\na + b'],
  ['another case', '[problem description]\nAdd.\n[SOLUTION]\na + b'],
  ['spaces', '  [ Problem  Description ]  \n  Add.  \n  [ Solution ]\na + b'],
  ['numbers', '1. [Problem Description]\nAdd.\n2. [Solution]\na + b'],
  ['on one line', '[Problem Description]: Add.\n[Solution]: a + b'],
  ['an introduction', 'Sure, here it is!\n\n[Problem Description]\nAdd.\n[Solution]\na + b'],
  [
    'a thought',
    '<think>\n[Solution]\nhm\n</think>\n[Problem Description]\nAdd.\n[Solution]\na + b',
  ],
  ['a rule between', '[Problem Description]\nAdd.\n\n---\n\n[Solution]\na + b'],
  ['line ends of Windows', '# Problem Description\r\nAdd.\r\n# Solution\r\na + b\r\n'],
])('an answer is taken apart: %s', async (_, text) => {
  expect(await answered(text)).toMatchObject({ problem: 'Add.', solution: 'a + b' })
})

test('the word solution in a description begins no section', async () => {
  const text = '[Problem Description]\nFind a solution.\nSolution: none yet.\n[Solution]\n**Yes.**'
  expect(await answered(text)).toMatchObject({
    problem: 'Find a solution.\nSolution: none yet.',
    solution: '**Yes.**',
  })
})

test.each([
  ['', `The answer has no section '[Problem Description]'.`],
  ['I cannot do that.', `The answer has no section '[Problem Description]'.`],
  ['[Solution]\na + b', `The answer has no section '[Problem Description]'.`],
  ['[Problem Description]\nAdd.', `The answer has no section '[Solution]'.`],
  ['[Solution]\na + b\n[Problem Description]\nAdd.', `The answer has no section '[Solution]'.`],
  [
    '[Problem Description]\n\n[Solution]\na + b',
    `The answer has nothing in its section '[Problem Description]'.`,
  ],
  [
    '[Problem Description]\nAdd.\n[Solution]\n',
    `The answer has nothing in its section '[Solution]'.`,
  ],
])('the answer %j is rejected with a sentence', async (text, message) => {
  expect(await answered(text)).toMatchObject({
    code: 'output-invalid',
    reason: `${message.replace(/\.$/, '')} (asked 3 times).`,
    raw: text,
  })
})
