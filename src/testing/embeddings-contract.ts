import assert from 'node:assert/strict'

import type { EmbeddingModel } from '../core/embedding-model.ts'
import { checkAborted, checkTokens, checkUntouched, toCases } from './contract-case.ts'
import type { ContractCase } from './contract-case.ts'

const mostTried = 4_096
const alike = 0.999

/**
 * What every model that turns texts into vectors must do, as cases for any test runner; used as `llmContract` is.
 *
 * Together they ask for up to 4,200 texts in about 25 calls, so let the model speak to a fake of its server, which has
 * one vector for each text.
 */
export function embeddingsContract(create: () => Promise<EmbeddingModel>): readonly ContractCase[] {
  return toCases(create, {
    'a text has a vector of finite numbers, and the call its usage and its name': async (model) => {
      const reply = await model.embed({ texts: ['A retort.'] })
      assert.equal(reply.vectors.length, 1, 'one vector is wanted')
      const [vector] = reply.vectors
      assert.ok(vector instanceof Float32Array, 'a vector is a Float32Array')
      assert.ok(vector.length > 0, 'the vector is empty')
      assert.ok(vector.every(Number.isFinite), 'the vector holds what is no finite number')
      checkTokens({ ...reply.usage })
      assert.equal(reply.usage.outputTokens, 0, 'vectors take no output tokens')
      assert.equal(typeof reply.model, 'string')
      assert.notEqual(reply.model, '', 'the reply does not say which model gave it')
    },

    'each of several texts has the vector that it has alone, in their order': async (model) => {
      const texts = ['one', 'two: 二, deux, zwei', 'three\nlines\nof text', 'one']
      const { vectors } = await model.embed({ texts })
      assert.equal(vectors.length, texts.length, 'each text has one vector')
      assert.equal(new Set(vectors.map(({ length }) => length)).size, 1, 'vectors differ in length')
      for (const [index, text] of texts.entries())
        await checkAlone(model, text, vectors[index], `text ${index + 1} of ${texts.length}`)
      assert.ok(likeness(vectors[0], vectors[1]) < alike, 'different texts have the same vector')
    },

    'as many texts as it takes at once have as many vectors': async (model) => {
      assert.ok(model.mostTexts >= 1, 'mostTexts is less than 1')
      assert.ok(model.mostTokens >= 1, 'mostTokens is less than 1')
      const count = Math.min(model.mostTexts, mostTried)
      const texts = Array.from({ length: count }, (_, index) => `text ${index}`)
      const { vectors } = await model.embed({ texts })
      assert.equal(vectors.length, count, 'each text has one vector')
      await checkAlone(model, `text ${count - 1}`, vectors.at(-1), 'the last text')
    },

    'many calls at once keep their texts apart': async (model) => {
      const texts = Array.from({ length: Math.min(12, model.mostTexts) }, (_, at) => `text ${at}`)
      const { vectors } = await model.embed({ texts })
      await Promise.all(texts.map((text, at) => checkAlone(model, text, vectors[at], `'${text}'`)))
    },

    'a model that embeds leaves the request as it is': async (model) => {
      await checkUntouched({ texts: ['one', 'two'] }, (request) => model.embed(request))
    },

    'a model that embeds throws the reason of a signal that was aborted before': async (model) => {
      await checkAborted((signal) => model.embed({ texts: ['one'] }, { signal }))
    },
  })
}

async function checkAlone(
  model: EmbeddingModel,
  text: string,
  vector: Float32Array | undefined,
  what: string,
): Promise<void> {
  const alone = (await model.embed({ texts: [text] })).vectors[0]
  assert.ok(likeness(vector, alone) > alike, `${what} has another vector than alone`)
}

/** The cosine of the angle between two vectors: 1 for those of one direction. */
function likeness(first: Float32Array | undefined, second: Float32Array | undefined): number {
  assert.ok(first !== undefined && second !== undefined, 'a vector is missing')
  const product = first.reduce((sum, value, index) => sum + value * (second[index] ?? 0), 0)
  return product / Math.hypot(...first) / Math.hypot(...second)
}
