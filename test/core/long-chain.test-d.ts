import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

import { defineStep } from '../../src/core/define-step.ts'
import { Pipeline } from '../../src/core/pipeline.ts'
import { loadDataFromDicts } from '../../src/steps/sources/load-data-from-dicts.ts'

const count = defineStep({
  type: 'Count',
  inputs: z.object({ prompt: z.string() }),
  outputs: z.object({ length: z.number() }),
  *process(rows) {
    for (const { prompt } of rows) yield { length: prompt.length }
  },
})
const measure = defineStep({
  type: 'Measure',
  inputs: z.object({ length_0: z.number(), length_39: z.number() }),
  outputs: z.object({ both: z.number() }),
  *process(rows) {
    for (const row of rows) yield { both: row.length_0 + row.length_39 }
  },
})

test('a chain of 40 typed steps knows its first and its last column', () => {
  const chain = Pipeline.from('chain', loadDataFromDicts([{ prompt: 'Why?' }]))
    .step('s0', count(), { outputs: { length: 'length_0' } })
    .step('s1', count(), { outputs: { length: 'length_1' } })
    .step('s2', count(), { outputs: { length: 'length_2' } })
    .step('s3', count(), { outputs: { length: 'length_3' } })
    .step('s4', count(), { outputs: { length: 'length_4' } })
    .step('s5', count(), { outputs: { length: 'length_5' } })
    .step('s6', count(), { outputs: { length: 'length_6' } })
    .step('s7', count(), { outputs: { length: 'length_7' } })
    .step('s8', count(), { outputs: { length: 'length_8' } })
    .step('s9', count(), { outputs: { length: 'length_9' } })
    .step('s10', count(), { outputs: { length: 'length_10' } })
    .step('s11', count(), { outputs: { length: 'length_11' } })
    .step('s12', count(), { outputs: { length: 'length_12' } })
    .step('s13', count(), { outputs: { length: 'length_13' } })
    .step('s14', count(), { outputs: { length: 'length_14' } })
    .step('s15', count(), { outputs: { length: 'length_15' } })
    .step('s16', count(), { outputs: { length: 'length_16' } })
    .step('s17', count(), { outputs: { length: 'length_17' } })
    .step('s18', count(), { outputs: { length: 'length_18' } })
    .step('s19', count(), { outputs: { length: 'length_19' } })
    .step('s20', count(), { outputs: { length: 'length_20' } })
    .step('s21', count(), { outputs: { length: 'length_21' } })
    .step('s22', count(), { outputs: { length: 'length_22' } })
    .step('s23', count(), { outputs: { length: 'length_23' } })
    .step('s24', count(), { outputs: { length: 'length_24' } })
    .step('s25', count(), { outputs: { length: 'length_25' } })
    .step('s26', count(), { outputs: { length: 'length_26' } })
    .step('s27', count(), { outputs: { length: 'length_27' } })
    .step('s28', count(), { outputs: { length: 'length_28' } })
    .step('s29', count(), { outputs: { length: 'length_29' } })
    .step('s30', count(), { outputs: { length: 'length_30' } })
    .step('s31', count(), { outputs: { length: 'length_31' } })
    .step('s32', count(), { outputs: { length: 'length_32' } })
    .step('s33', count(), { outputs: { length: 'length_33' } })
    .step('s34', count(), { outputs: { length: 'length_34' } })
    .step('s35', count(), { outputs: { length: 'length_35' } })
    .step('s36', count(), { outputs: { length: 'length_36' } })
    .step('s37', count(), { outputs: { length: 'length_37' } })
    .step('s38', count(), { outputs: { length: 'length_38' } })
    .step('s39', count(), { outputs: { length: 'length_39' } })
  expectTypeOf(chain.columns.prompt).toEqualTypeOf<string>()
  expectTypeOf(chain.columns.length_0).toEqualTypeOf<number>()
  expectTypeOf(chain.columns.length_39).toEqualTypeOf<number>()
  chain.step('measure', measure())
  // @ts-expect-error column 'length' is not there, since every step maps it elsewhere
  expectTypeOf(chain.columns.length).toEqualTypeOf<number>()
  // @ts-expect-error column 'length_7' is already written
  chain.step('again', count(), { outputs: { length: 'length_7' } })
})
