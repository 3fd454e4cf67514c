import { expect, test } from 'vitest'

import { contractOf } from '../../src/core/resolve-columns.ts'
import { resolveParams } from '../../src/core/resolve-params.ts'
import { simulated } from '../../src/models/simulated/simulated-llm.ts'
import { aspectNames } from '../../src/tasks/ultra-feedback/aspects.ts'
import { ultraFeedback, ultraFeedbackDefinition } from '../../src/tasks/ultra-feedback.ts'
import { errorOf, rejectionOf } from '../core/error-of.ts'
import { taskAnswer, taskRefusal } from './task-answer.ts'

const llm = simulated()
const row = { instruction: 'Why is the sky blue?', generations: ['Dust.', 'Rayleigh scattering.'] }
const two = '### Text 1\nRating: 2\nRationale: Wrong.\n\n### Text 2\nRating: 5\nRationale: Right.'
const typed = `### Text 1
Type: 1
Rationale: It is not dust.
Rating: 2
Rationale: One error.

### Text 2
Type: None
Rationale: Without error.
Rating: 5
Rationale: True.`

test.each(aspectNames)(
  'the prompt for %s shows levels, form, instruction and all texts',
  (aspect) => {
    const printed = ultraFeedback({ llm, aspect }).print(row)
    expect(printed.startsWith('[system]\n')).toBe(true)
    for (const part of ['## Levels\n\n1. ', '\n5. ', '### Text N\n', 'Rating: <one whole number'])
      expect(printed).toContain(part)
    expect(printed).toContain('<instruction>\nWhy is the sky blue?\n</instruction>')
    expect(printed).toContain(
      '<text 1>\nDust.\n</text 1>\n\n<text 2>\nRayleigh scattering.\n</text 2>',
    )
    expect(printed.includes('Type: <')).toBe(aspect === 'helpfulness' || aspect === 'truthfulness')
    expect(printed.includes('N/A')).toBe(aspect === 'honesty')
  },
)

test('what is the same for all rows comes before what is not', () => {
  const task = ultraFeedback({ llm, aspect: 'honesty' })
  const [one, other] = [row, { instruction: 'Who?', generations: ['x'] }].map((each) =>
    task.print(each).split('## Instruction'),
  )
  expect(one?.[0]).toBe(other?.[0])
})

test('ratings and rationales stand in the order of the texts', async () => {
  expect(await taskAnswer(ultraFeedbackDefinition, {}, row, two)).toEqual({
    ratings: [2, 5],
    rationales: ['Wrong.', 'Right.'],
    model_name: 'canned',
  })
})

test.each(['helpfulness', 'truthfulness'])('with %s, texts have types as well', async (aspect) => {
  expect(await taskAnswer(ultraFeedbackDefinition, { aspect }, row, typed)).toEqual({
    types: [1, null],
    rationales: ['It is not dust.', 'Without error.'],
    ratings: [2, 5],
    'rationales-for-ratings': ['One error.', 'True.'],
    model_name: 'canned',
  })
})

test('the columns are those of the aspect', () => {
  const written = (params: { aspect?: string; groupGenerations?: boolean }) => {
    const step = { name: 'judge', type: 'UltraFeedback', params: { llm: { ...llm }, ...params } }
    const resolved = resolveParams(ultraFeedbackDefinition, step as never).params
    return contractOf(ultraFeedbackDefinition, resolved, 'judge').writes
  }
  expect(Object.keys(written({}))).toEqual(['ratings', 'rationales', 'model_name'])
  expect(Object.keys(written({ aspect: 'truthfulness' }))).toEqual([
    'types',
    'rationales',
    'ratings',
    'rationales-for-ratings',
    'model_name',
  ])
  const each = written({})['ratings']
  expect(each).toMatchObject({ type: 'array' })
  expect(written({ groupGenerations: true })['ratings']).toEqual({ type: 'array', items: each })
})

test('another aspect is refused', () => {
  const step = {
    name: 'judge',
    type: 'UltraFeedback',
    params: { llm: { ...llm }, aspect: 'style' },
  }
  const error = errorOf(() => resolveParams(ultraFeedbackDefinition, step as never))
  expect(error.code).toBe('parameter-invalid')
  expect(error.message).toContain("'aspect'")
})

test.each([[[]], [[null, 'x']], ['x'], [null]])(
  'generations %j are no texts',
  async (generations) => {
    const running = ultraFeedback({ llm }).process([{ ...row, generations } as never])
    expect((await rejectionOf(running)).code).toBe('input-invalid')
  },
)

test('each text that a simulated model rates gets a rating of its own, always the same', async () => {
  for (const aspect of aspectNames) {
    const task = ultraFeedback({ llm, aspect })
    const generations = ['a', 'b', 'c', 'd', 'e', 'b']
    const [rated] = await task.process([{ instruction: 'Why?', generations }])
    expect(new Set(rated?.ratings)).toEqual(new Set([1, 2, 3, 4, 5]))
    expect(rated?.ratings[5]).toBe(rated?.ratings[1])
    const rows = [
      { instruction: 'Who?', generations },
      { instruction: 'Why?', generations },
    ]
    expect((await task.process(rows))[1]).toEqual(rated)
  }
})

test('a simulated model rates texts without words as well', async () => {
  const generations = ['', '\n### Text 1\nRating: 9', '</text 2>']
  for (const aspect of aspectNames) {
    const [rated] = await ultraFeedback({ llm, aspect }).process([{ instruction: '', generations }])
    expect(rated?.ratings).toHaveLength(3)
  }
})

test('an answer that does not hold is asked for again, and then rejects the row', async () => {
  const answer = await taskAnswer(ultraFeedbackDefinition, { maxReasks: 2 }, row, 'Both are good.')
  expect(answer).toMatchObject({
    code: 'output-invalid',
    reason: `The answer has no part for text 1; write a part for each of 1 to 2, below a line '### Text N' (asked 3 times).`,
    raw: 'Both are good.',
  })
})

const wrap = (first: string, second: string) => `### Text 1\n${first}\n\n### Text 2\n${second}`
const ok = 'Rating: 5\nRationale: Right.'

test.each([
  two.replaceAll('\n', '\r\n'),
  two.toUpperCase().replace('WRONG', 'Wrong').replace('RIGHT', 'Right'),
  two.replaceAll('### ', ''),
  two.replaceAll('### Text 1', '<text 1>').replace('### Text 2', '</text 1>\n<text 2>'),
  two.replaceAll('### Text', '#### Output for Text'),
  two.replaceAll(/(Rating|Rationale):/g, '**$1:**'),
  two.replaceAll(/(Rating|Rationale):/g, '- **$1**:'),
  two.replaceAll(/(Rating|Rationale): (.*)/g, '### $1\n\n$2\n'),
  two.replaceAll(/Rating: (\d)/g, 'Rating: **$1/5**'),
  two.replaceAll(/Rating: (\d)/g, 'Rating (1-5): $1 out of 5'),
  two.replaceAll(/(Rating: \d)\n(Rationale: .*)/g, '$2\n$1'),
  `\`\`\`markdown\n${two}\n\`\`\``,
  `<think>\n### Text 1\nRating: 1\n</think>\n${two}`,
  `Here are my ratings:\n\n${two}\n\n---`,
  two.split('\n\n').toReversed().join('\n\n'),
  two.split('\n\n').join('\n---\n'),
  two.split('\n\n').join('\n'),
])('an answer in other clothes says the same: %j', async (text) => {
  const made = await taskAnswer(ultraFeedbackDefinition, {}, row, text)
  expect(made).toMatchObject({ ratings: [2, 5] })
  expect(made).toMatchObject({ rationales: ['Wrong.', 'Right.'] })
})

test('a judge may say that there is nothing to rate', async () => {
  const text = wrap('Rating: N/A\nRationale: A poem.', 'Rating: **none**\nRationale: A story.')
  const made = await taskAnswer(ultraFeedbackDefinition, { aspect: 'honesty' }, row, text)
  expect(made).toMatchObject({ ratings: [null, null], rationales: ['A poem.', 'A story.'] })
})

test('one text needs no heading, and rationales may be long', async () => {
  const text = 'Rating: 3\nRationale: First,\n\n- Text 1 rated 4: no\n- `Rating` 5'
  const made = await taskAnswer(ultraFeedbackDefinition, {}, { ...row, generations: ['x'] }, text)
  expect(made).toMatchObject({ ratings: [3], rationales: [text.slice(21)] })
})

const notOnScale = (number: string) =>
  `The rating of text 1 is '${number}'; it must be one whole number from 1 to 5.`

test.each<[text: string, message: string]>([
  ['', 'The answer has no part for text 1;'],
  [ok, 'The answer has no part for text 1;'],
  [`${ok}\n\n${ok}`, 'The answer has no part for text 1;'],
  ['Ratings: 2, 5', 'The answer has no part for text 1;'],
  ['[{"rating": 2}, {"rating": 5}]', 'The answer has no part for text 1;'],
  [`### Text 1\n${ok}`, 'The answer has no part for text 2;'],
  [`### Text 2\n${ok}`, 'The answer has no part for text 1;'],
  [`${two}\n\n### Text 3\n${ok}`, 'The answer has a part for text 3;'],
  [`${two}\n\n${two}`, 'The answer has more than one part for text 1;'],
  [wrap(`${ok}\n### Text 1\n${ok}`, ok), 'The answer has more than one part for text 1;'],
  [`<think>${two}`, 'The answer ends within its thoughts.'],
  [wrap('', ok), "The part for text 1 has no line 'Rating: …'"],
  [wrap('Good.', ok), "The part for text 1 has no line 'Rating: …'"],
  [wrap('Rationale: Wrong.', ok), "The part for text 1 has no line 'Rating: …'"],
  [wrap('Rating: 4', ok), "The part for text 1 has no line 'Rationale: …'"],
  [wrap('Rating: 4, Rationale: Wrong.', ok), "The part for text 1 has no line 'Rationale: …'"],
  [wrap('Rating: 4\nRationale:', ok), "The part for text 1 has an empty line 'Rationale: …'"],
  [wrap('Rating: 4\nRationale: **', ok), "The part for text 1 has an empty line 'Rationale: …'"],
  [wrap('Rating:\nRationale: x', ok), "The part for text 1 has an empty line 'Rating: …'"],
  [wrap('Rating: 4\nRating: 5\nRationale: x', ok), "The part for text 1 has 2 lines 'Rating: …'"],
  [wrap(`${ok}\nRating: 5`, ok), "The part for text 1 has 2 lines 'Rating: …'"],
  [wrap(`${ok}\nRationale: y`, ok), "The part for text 1 has 2 lines 'Rationale: …'"],
  ...[
    '10',
    '0',
    '6',
    '-1',
    '4.5',
    '4,5',
    '3-4',
    '3 to 4',
    '4/10',
    '5/4',
    '80%',
    '4+',
    '4½',
    'four',
  ].map((number): [string, string] => [
    wrap(`Rating: ${number}\nRationale: x`, ok),
    notOnScale(number),
  ]),
  [wrap('Rating: high\nRationale: x', ok), notOnScale('high')],
  [wrap('Rating: [1-5]\nRationale: x', ok), notOnScale('[1-5]')],
  [wrap('Rating: ~~3~~ 4\nRationale: x', ok), notOnScale('~~3~~ 4')],
  [wrap('Rating: 4, or rather 5\nRationale: x', ok), notOnScale('4, or rather 5')],
  [wrap('Rating: 4 (of 10)\nRationale: x', ok), notOnScale('4 (of 10)')],
  [wrap('Rating: None of them\nRationale: x', ok), notOnScale('None of them')],
  [wrap('Rating: N/A, 3\nRationale: x', ok), notOnScale('N/A, 3')],
])('an answer that does not hold is told apart: %j', async (text, message) => {
  expect(await taskRefusal(ultraFeedbackDefinition, {}, row, text)).toContain(message)
})

const sound = 'Type: 1\nRationale: a\nRating: 2\nRationale: b'

test.each([
  ['Rating: 2\nRationale: b\nType: 1\nRationale: a', undefined],
  ['**Type:** 1 (facts)\n\n**Rationale:** a\n\n**Rating:** 2/5\n\n**Rationale:** b', undefined],
  [ok, "The part for text 1 has no line 'Type: …'"],
  ['Type: 1\nRationale: a', "The part for text 1 has no line 'Rating: …'"],
  ['Type: 1\nRating: 2\nRationale: b', "has no line 'Rationale: …' below its 'Type'"],
  ['Type: 1\nRationale: a\nRating: 2', "has no line 'Rationale: …' below its 'Rating'"],
  ['Type: 1\nRationale: a\nRationale: b\nRating: 2', "2 lines 'Rationale: …' below its 'Type'"],
  ['Rationale: a\nType: 1\nRationale: b\nRating: 2', 'The rationale of text 1 comes before'],
  [`${sound}\n${sound}`, "The part for text 1 has 2 lines 'Type: …'"],
  [sound.replace('1', '4'), "The type of text 1 is '4'; it must be one whole number from 1 to 3."],
  [sound.replace('1', '1, 3'), "The type of text 1 is '1, 3'; it must be"],
  [sound.replace('1', 'facts'), "The type of text 1 is 'facts'; it must be"],
  [sound.replace('2', '1-2'), "The rating of text 1 is '1-2'; it must be"],
])('types and ratings have a rationale each: %j', async (first, message) => {
  const text = wrap(first, sound)
  if (message === undefined)
    expect(
      await taskAnswer(ultraFeedbackDefinition, { aspect: 'truthfulness' }, row, text),
    ).toMatchObject({
      types: [1, 1],
      rationales: ['a', 'a'],
      ratings: [2, 2],
      'rationales-for-ratings': ['b', 'b'],
    })
  else
    expect(
      await taskRefusal(ultraFeedbackDefinition, { aspect: 'truthfulness' }, row, text),
    ).toContain(message)
})
