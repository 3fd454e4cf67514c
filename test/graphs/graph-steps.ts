import { createHash } from 'node:crypto'

import { z } from 'zod'

import { user } from '../../src/core/chat.ts'
import { defineGeneratorTask } from '../../src/core/define-generator-task.ts'
import { defineRoute } from '../../src/core/define-route.ts'
import { defineGenerator, defineGlobalStep, defineStep } from '../../src/core/define-step.ts'
import { defineTask } from '../../src/core/define-task.ts'
import { canonicalJson } from '../../src/core/json.ts'
import { withDefinitions } from '../../src/core/registry.ts'
import type { Registry } from '../../src/core/registry.ts'
import { reject } from '../../src/core/rejection.ts'
import { builtInRegistry } from '../../src/registry.ts'

/** A column may hold anything but nothing. */
const value = z.unknown().refine((held) => held !== undefined, 'missing')
const salted = z.object({ salt: z.number() })
const inputs = z.object({ v: value })
const outputs = z.object({ v: z.string() })

/** A number in [0, 2^32) that follows from values. */
function numberOf(...values: readonly unknown[]): number {
  return createHash('sha256').update(canonicalJson(values)).digest().readUInt32LE(0)
}

/** A short text that follows from values. */
function textOf(...values: readonly unknown[]): string {
  return numberOf(...values).toString(36)
}

const listedRows = defineGenerator({
  type: 'ListedRows',
  params: z.object({ values: z.array(z.number()) }),
  *generate({ values }) {
    for (const listed of values) yield { v: listed }
  },
})

const mark = defineStep({
  type: 'Mark',
  params: salted,
  inputs,
  outputs,
  *process(rows, { salt }) {
    for (const { v } of rows) yield { v: textOf('mark', salt, v) }
  },
})

/** Makes values alike that were not. */
const blur = defineStep({
  type: 'Blur',
  params: salted,
  inputs,
  outputs,
  *process(rows, { salt }) {
    for (const { v } of rows) yield { v: `b${numberOf(salt, v) % 3}` }
  },
})

/** Writes what seeds and places come from, so that a wrong identity shows. */
const identify = defineStep({
  type: 'Identify',
  inputs,
  outputs,
  *process(rows, _params, { identities, stepName, seed }) {
    for (const [index, { v }] of rows.entries())
      yield { v: textOf(stepName, seed, identities[index], v) }
  },
})

const leaveOut = defineStep({
  type: 'LeaveOut',
  params: salted,
  inputs,
  outputs: z.object({}),
  *process(rows, { salt }) {
    for (const { v } of rows) yield numberOf(salt, v) % 3 === 0 ? [] : {}
  },
})

const refuse = defineStep({
  type: 'Refuse',
  params: salted,
  inputs,
  outputs: z.object({}),
  *process(rows, { salt }) {
    for (const { v } of rows)
      yield numberOf(salt, v) % 4 === 0 ? reject('output-invalid', `Not ${canonicalJson(v)}.`) : {}
  },
})

const isLiked = (salt: number, v: unknown) => v !== undefined && numberOf(salt, v) % 5 !== 0

/** Its schema refuses some rows, before its code sees them. */
const prefer = defineStep({
  type: 'Prefer',
  params: salted,
  inputs,
  outputs,
  rowSchema: ({ salt }) =>
    z.object({ v: z.unknown().refine((v) => isLiked(salt, v), 'not liked') }),
  *process(rows, { salt }) {
    for (const { v } of rows) yield { v: textOf('prefer', salt, v) }
  },
})

/** Makes none to three rows of one, some of which it rejects. */
const multiply = defineStep({
  type: 'Multiply',
  params: salted,
  inputs,
  outputs,
  *process(rows, { salt }) {
    for (const { v } of rows)
      yield Array.from({ length: numberOf(salt, v) % 4 }, (_, index) =>
        numberOf(salt, v, index) % 5 === 0
          ? reject('output-invalid', `No ${index} of ${canonicalJson(v)}.`)
          : { v: textOf(salt, v, index) },
      )
  },
})

/** Some answers do not hold, however often the model is asked. */
function readAnswer(text: string): { readonly v: string } {
  if (text.startsWith('bad')) throw new Error('It is bad.')
  return { v: text }
}

const answerTo = (asked: unknown) =>
  `${numberOf('answer', asked) % 5 === 0 ? 'bad ' : ''}${textOf(asked)}`

const ask = defineTask({
  type: 'Ask',
  params: salted,
  inputs,
  outputs,
  formatInput: ({ v }, { params }) => [user(canonicalJson([params.salt, v]))],
  formatOutput: readAnswer,
  example: ({ v }, { params }) => answerTo([params.salt, v]),
})

const askForRows = defineGeneratorTask({
  type: 'AskForRows',
  outputs,
  formatInput: ({ random }) => [user(String(Math.floor(random() * 5)))],
  formatOutput: readAnswer,
  example: ({ random }) => answerTo(Math.floor(random() * 5)),
})

/** Each row gets the sum of all before it; some are rejected, left out or made two. */
const weigh = defineGlobalStep({
  type: 'Weigh',
  params: salted,
  inputs: z.object({ v: value }),
  outputs,
  rowSchema: ({ salt }) =>
    z.object({ v: z.unknown().refine((v) => isLiked(salt + 1, v), 'not liked') }),
  digest: ({ row }, { params }) =>
    new Uint8Array(Uint32Array.of(numberOf(params.salt, row.v) % 100).buffer),
  async *decide(parts) {
    let sum = 0
    for (const part of parts) {
      const weights = Buffer.from(await part.read())
      const sums = Buffer.alloc(part.rows * 8)
      for (let row = 0; row < part.rows; row++) {
        sum += weights.readUInt32LE(row * 4)
        sums.writeDoubleLE(sum, row * 8)
      }
      yield sums
    }
  },
  make({ row, identity }, decision, { params }) {
    const sum = Buffer.from(decision).readDoubleLE(0)
    switch (sum % 6) {
      case 0:
        return reject('output-invalid', `Weighs ${sum}.`)
      case 1:
        return []
      case 2:
        return [{ v: `${sum}` }, reject('output-invalid', 'Once is enough.'), { v: identity }]
      default:
        return { v: textOf(params.salt, row.v, sum) }
    }
  },
})

/** Makes rows and puts them into another order at once. */
const stir = defineGlobalStep({
  type: 'Stir',
  params: salted,
  inputs,
  outputs,
  make({ row }, _decision, { params }) {
    const number = numberOf('stir', params.salt, row.v)
    if (number % 7 === 0) return reject('output-invalid', 'Too thick.')
    return number % 7 === 1 ? [] : [{ v: textOf(number) }, { v: textOf(number, 2) }]
  },
  shuffleKey: ({ identity }, { params, hash }) => hash(`${params.salt}/${identity}`),
})

/** Sends rows by what is in them: to some branches, or to none. */
const byValue = defineRoute({
  type: 'ByValue',
  params: z.object({ column: z.string(), salt: z.number() }),
  inputs: z.looseObject({}),
  choose(row, { branches, params: { column, salt } }) {
    const v = row[column]
    if (v === undefined) throw new Error(`Rows without column '${column}' have no way.`)
    return branches.filter((_, index) => numberOf('way', salt, v, index) % 2 === 0)
  },
})

/** What is built in, and the steps that random graphs are made of. */
export const graphRegistry: Registry = withDefinitions(
  builtInRegistry,
  [
    listedRows,
    mark,
    blur,
    identify,
    leaveOut,
    refuse,
    prefer,
    multiply,
    ask,
    askForRows,
    weigh,
    stir,
    byValue,
  ].map(({ definition }) => definition),
  'graphs',
)
