import { expect, test } from 'vitest'

import { stagesOf } from '../../src/core/resolve-pipeline.ts'
import type { StepSpec } from '../../src/core/spec.ts'
import { errorOf } from './error-of.ts'
import { chain, resolve, simulatedSpec } from './little-registry.ts'

const prompts: StepSpec = { name: 'prompts', type: 'Prompts' }
const columnsOf = (steps: readonly StepSpec[], name = steps.at(-1)?.name) => {
  const found = resolve(steps).find(({ spec }) => spec.name === name)
  return Object.keys(found?.columns?.schemas ?? {})
}
const branches = (join: Omit<StepSpec, 'name'>, ...sides: StepSpec[]) => [
  prompts,
  ...sides.map((side) => ({ after: ['prompts'], ...side })),
  { name: 'join', after: sides.map(({ name }) => name), ...join },
]

test('an unknown type is refused with the nearest name', () => {
  const error = errorOf(() => resolve(chain(prompts, { type: 'Coutn' })))
  expect(error.code).toBe('step-type-unknown')
  expect(error.message).toBe(
    "Step 'coutn' has the type 'Coutn', which is not known here. Did you mean 'Count'?",
  )
})

test('an unknown type of model is refused with the nearest name', () => {
  const llm = { type: 'OpenAILM', params: {} }
  const error = errorOf(() =>
    resolve(chain(prompts, { type: 'Judge', params: { aspect: 'truth', llm } })),
  )
  expect(error.code).toBe('step-type-unknown')
  expect(error.message).toContain("The model of step 'judge' has the type 'OpenAILM'")
  expect(error.message).toContain("Did you mean 'OpenAILLM'?")
})

test('steps come in an order in which each comes after those that it reads', () => {
  const steps = [{ name: 'count', type: 'Count', after: ['prompts'] }, prompts]
  expect(resolve(steps).map(({ spec }) => spec.name)).toEqual(['prompts', 'count'])
})

test('a step adds the columns it writes behind those that are there', () => {
  expect(columnsOf(chain(prompts, { type: 'Count' }))).toEqual(['prompt', 'id', 'length'])
})

test('a column that nobody writes is refused with the columns that are there', () => {
  const error = errorOf(() =>
    resolve(
      chain(prompts, { type: 'KeepColumns', params: { columns: ['id'] } }, { type: 'Count' }),
    ),
  )
  expect(error.code).toBe('column-missing')
  expect(error.message).toBe(
    "Step 'count' reads column 'prompt', which no earlier step writes. Columns there: 'id'.",
  )
  expect(error.data).toEqual({ step: 'count', column: 'prompt' })
})

test('columns that a step does not let pass are gone behind it, and their names are free', () => {
  const merge = { type: 'MergeColumns', params: { columns: ['prompt'] } }
  expect(columnsOf(chain(prompts, merge))).toEqual(['id', 'merged_column'])
  const steps = chain(prompts, merge, { type: 'Count' })
  expect(errorOf(() => resolve(steps)).code).toBe('column-missing')
  const again = { name: 'again', type: 'MergeColumns' }
  const params = { columns: ['merged_column'], outputColumn: 'prompt' }
  expect(columnsOf(chain(prompts, merge, { ...again, params }))).toEqual(['id', 'prompt'])
})

test('a column that is there already is refused with its writer', () => {
  const error = errorOf(() =>
    resolve(chain(prompts, { type: 'Count' }, { name: 'again', type: 'Count' })),
  )
  expect(error.code).toBe('column-taken')
  expect(error.message).toContain("Step 'again' writes column 'length'")
  expect(error.message).toContain("which step 'count' has written already")
  expect(error.message).toContain("with 'outputs'")
})

test('a step may replace a column that it reads', () => {
  expect(columnsOf(chain(prompts, { type: 'Trim' }))).toEqual(['prompt', 'id'])
})

test('every task replaces model_name', () => {
  const params = { aspect: 'truth', llm: simulatedSpec }
  const steps = chain(
    prompts,
    { type: 'Judge', params },
    { name: 'again', type: 'Judge', params, outputs: { rating: 'second_rating' } },
  )
  expect(columnsOf(steps)).toEqual(['prompt', 'id', 'rating', 'model_name', 'second_rating'])
})

test('raw texts and lists of grouped answers are columns, too', () => {
  const params = {
    aspect: 'truth',
    llm: simulatedSpec,
    groupGenerations: true,
    addRawInput: true,
    addRawOutput: true,
  }
  const [, judged] = resolve(chain(prompts, { type: 'Judge', params }))
  expect(Object.keys(judged?.columns?.schemas ?? {})).toEqual([
    'prompt',
    'id',
    'rating',
    'raw_input_judge',
    'raw_output_judge',
    'model_name',
  ])
  expect(judged?.columns?.schemas).toMatchObject({
    rating: { type: 'array', items: { type: 'number' } },
    raw_output_judge: { type: 'array', items: { type: 'string' } },
    model_name: { type: 'array', items: { type: 'string' } },
  })
})

test('columns are mapped to those of the data', () => {
  const steps = chain(
    prompts,
    { type: 'Count', outputs: { length: 'size' } },
    { type: 'Split', outputs: { head: 'question', tail: 'rest' } },
    { name: 'again', type: 'Count', inputs: { prompt: 'question' } },
  )
  expect(columnsOf(steps)).toEqual(['prompt', 'id', 'size', 'question', 'rest', 'length'])
})

test('columns of a generator are mapped, and what it does not make is refused', () => {
  const mapped = (outputs: Readonly<Record<string, string>>) => [{ ...prompts, outputs }]
  expect(columnsOf(mapped({ prompt: 'question' }))).toEqual(['question', 'id'])
  expect(columnsOf(mapped({ prompt: 'id', id: 'prompt' }))).toEqual(['id', 'prompt'])
  expect(errorOf(() => resolve(mapped({ prompt: 'id' })))).toMatchObject({
    code: 'column-taken',
    message:
      "Step 'prompts' makes column 'id' twice; map one of the two to another name with 'outputs'.",
  })
  expect(errorOf(() => resolve(mapped({ promt: 'x' })))).toMatchObject({
    code: 'parameter-unknown',
    message:
      "The 'outputs' of step 'prompts' map column 'promt', which it does not make. Did you mean 'prompt'?",
  })
})

test('a mapping of a column that the step has not is refused with the nearest name', () => {
  const input = errorOf(() => resolve(chain(prompts, { type: 'Count', inputs: { promt: 'id' } })))
  expect(input.code).toBe('parameter-unknown')
  expect(input.message).toContain("The 'inputs' of step 'count' map column 'promt'")
  expect(input.message).toContain("Did you mean 'prompt'?")
  const output = errorOf(() => resolve(chain(prompts, { type: 'Count', outputs: { size: 'x' } })))
  expect(output.message).toContain("The 'outputs' of step 'count' map column 'size'")
})

test('a mapping to a column that nobody writes is refused', () => {
  const error = errorOf(() =>
    resolve(chain(prompts, { type: 'Count', inputs: { prompt: 'question' } })),
  )
  expect(error.code).toBe('column-missing')
  expect(error.message).toContain("reads column 'question'")
})

test('a column that a step may do without was once mapped to nowhere unnoticed', () => {
  expect(columnsOf(chain(prompts, { type: 'Trim' }))).toEqual(['prompt', 'id'])
  const error = errorOf(() =>
    resolve(chain(prompts, { type: 'Trim', inputs: { suffix: 'ending' } })),
  )
  expect(error.code).toBe('column-missing')
  expect(error.message).toContain("reads column 'ending'")
})

test('two columns of a step were once mapped to one', () => {
  const steps = chain(prompts, { type: 'Split', outputs: { head: 'part', tail: 'part' } })
  const error = errorOf(() => resolve(steps))
  expect(error.code).toBe('column-taken')
  expect(error.message).toContain("Step 'split' writes column 'part' twice")
})

test('kept columns are the only ones, in the named order', () => {
  const keep = { type: 'KeepColumns', params: { columns: ['length', 'prompt'] } }
  expect(columnsOf(chain(prompts, { type: 'Count' }, keep))).toEqual(['length', 'prompt'])
})

test('KeepColumns once lost columns that its inputs map', () => {
  const keep = {
    type: 'KeepColumns',
    params: { columns: ['text'] },
    inputs: { text: 'prompt' },
  }
  const [, kept] = resolve(chain(prompts, keep))
  expect(kept?.keeps).toEqual(['prompt'])
  expect(kept?.columns?.schemas).toEqual({ prompt: { type: 'string' } })
})

test('a column that was left out may be written again', () => {
  const keep = { type: 'KeepColumns', params: { columns: ['prompt'] } }
  const steps = chain(prompts, { type: 'Count' }, keep, { name: 'again', type: 'Count' })
  expect(columnsOf(steps)).toEqual(['prompt', 'length'])
})

test('columns that only reading the source will tell fail nothing', () => {
  const steps = chain(
    { name: 'files', type: 'Files', params: { path: 'x' } },
    { type: 'Count' },
    { type: 'KeepColumns', params: { columns: ['nobody_knows'] } },
  )
  expect(resolve(steps).map(({ columns }) => columns)).toEqual([undefined, undefined, undefined])
})

test('columns that were read are checked', () => {
  const steps = chain({ name: 'files', type: 'Files', params: { path: 'x' } }, { type: 'Count' })
  const read = { sourceColumns: { files: { prompt: { type: 'string' }, year: {} } } }
  expect(Object.keys(resolve(steps, read)[1]?.columns?.schemas ?? {})).toEqual([
    'prompt',
    'year',
    'length',
  ])
  const error = errorOf(() => resolve(steps, { sourceColumns: { files: { year: {} } } }))
  expect(error.code).toBe('column-missing')
})

test('several generators stand side by side', () => {
  const steps = resolve([prompts, { name: 'more', type: 'Prompts' }])
  expect(stagesOf(steps).places).toEqual([
    { barrier: null, isGathered: true, roots: [0] },
    { barrier: null, isGathered: true, roots: [1] },
  ])
})

test('a pipeline without a generator is refused', () => {
  const error = errorOf(() => resolve([{ name: 'count', type: 'Count' }]))
  expect(error.code).toBe('spec-invalid')
  expect(error.message).toContain("Step 'count' (Count) comes after no step")
})

test('a generator after a step is refused', () => {
  const error = errorOf(() => resolve(chain(prompts, { name: 'more', type: 'Prompts' })))
  expect(error.message).toContain("Step 'more' (Prompts) makes rows of its own")
  expect(error.message).toContain("after 'prompts'")
})

test('a step after several steps is refused with what brings them together', () => {
  const error = errorOf(() =>
    resolve(branches({ type: 'Count' }, { name: 'a', type: 'Trim' }, { name: 'b', type: 'Trim' })),
  )
  expect(error.code).toBe('spec-invalid')
  expect(error.message).toContain("Step 'join' (Count) comes after 'a', 'b'")
  expect(error.message).toContain('GroupColumns or CombineOutputs')
})

test('a join of one branch is refused', () => {
  const error = errorOf(() =>
    resolve(branches({ type: 'CombineOutputs' }, { name: 'a', type: 'Count' })),
  )
  expect(error.message).toContain(
    "Step 'join' (CombineOutputs) brings branches together; name two or more",
  )
})

test('grouped columns are lists beside the columns that all branches share', () => {
  const steps = branches(
    { type: 'GroupColumns', params: { columns: ['length'], outputColumns: ['lengths'] } },
    { name: 'a', type: 'Count' },
    { name: 'b', type: 'Count' },
  )
  const joined = resolve(steps).at(-1)
  expect(joined?.columns?.schemas).toEqual({
    prompt: { type: 'string' },
    id: { type: 'number' },
    lengths: { type: 'array', items: { type: 'number' } },
  })
  expect(joined?.columns?.writers).toEqual({ prompt: 'prompts', id: 'prompts', lengths: 'join' })
})

test('a grouped column that one branch lacks is refused with that branch', () => {
  const error = errorOf(() =>
    resolve(
      branches(
        { type: 'GroupColumns', params: { columns: ['length'] } },
        { name: 'a', type: 'Count' },
        { name: 'b', type: 'Count', outputs: { length: 'lenght' } },
      ),
    ),
  )
  expect(error.code).toBe('column-missing')
  expect(error.message).toContain("groups column 'length', which branch 'b' does not have")
  expect(error.message).toContain("Did you mean 'lenght'?")
})

test('a grouped column under a name that is taken is refused', () => {
  const error = errorOf(() =>
    resolve(
      branches(
        { type: 'GroupColumns', params: { columns: ['length'], outputColumns: ['prompt'] } },
        { name: 'a', type: 'Count' },
        { name: 'b', type: 'Count' },
      ),
    ),
  )
  expect(error.code).toBe('column-taken')
  expect(error.message).toContain("Step 'join' writes column 'prompt'")
})

test('grouping by fewer names than columns is refused', () => {
  const error = errorOf(() =>
    resolve(
      branches(
        { type: 'GroupColumns', params: { columns: ['length'], outputColumns: ['x', 'y'] } },
        { name: 'a', type: 'Count' },
        { name: 'b', type: 'Count' },
      ),
    ),
  )
  expect(error.code).toBe('parameter-invalid')
  expect(error.message).toContain('groups 1 columns but names 2')
})

test('combined branches stand side by side, and a later branch knows the shared columns as shared', () => {
  const steps = branches(
    { type: 'CombineOutputs' },
    { name: 'a', type: 'Count' },
    { name: 'b', type: 'Split' },
  )
  expect(columnsOf(steps)).toEqual(['prompt', 'id', 'length', 'head', 'tail'])
})

test('a column that two combined branches write is refused with both', () => {
  const error = errorOf(() =>
    resolve(
      branches(
        { type: 'CombineOutputs' },
        { name: 'a', type: 'Count' },
        { name: 'b', type: 'Count' },
      ),
    ),
  )
  expect(error.code).toBe('column-taken')
  expect(error.message).toContain("column 'length' from branch 'a' and from branch 'b'")
})

test('a column that one branch replaces is written by both sides of the join', () => {
  const error = errorOf(() =>
    resolve(
      branches(
        { type: 'CombineOutputs' },
        { name: 'a', type: 'Trim' },
        { name: 'b', type: 'Count' },
      ),
    ),
  )
  expect(error.code).toBe('column-taken')
  expect(error.message).toContain("column 'prompt'")
})

test('branches join again behind a join', () => {
  const steps: StepSpec[] = [
    ...branches(
      { type: 'CombineOutputs' },
      { name: 'a', type: 'Count' },
      { name: 'b', type: 'Split' },
    ),
    { name: 'c', type: 'Count', after: ['join'], outputs: { length: 'c_length' } },
    { name: 'd', type: 'Count', after: ['join'], outputs: { length: 'd_length' } },
    { name: 'last', type: 'CombineOutputs', after: ['c', 'd'] },
  ]
  expect(columnsOf(steps)).toEqual([
    'prompt',
    'id',
    'length',
    'head',
    'tail',
    'c_length',
    'd_length',
  ])
})
