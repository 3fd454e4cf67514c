import assert from 'node:assert/strict'

import type { ImageModel } from '../core/image-model.ts'
import { mediaTypeOf } from '../core/media-type.ts'
import { checkAborted, checkTokens, checkUntouched, toCases } from './contract-case.ts'
import type { ContractCase } from './contract-case.ts'

const images = 5

/**
 * What every model that makes images must do, as cases for any test runner; used as `llmContract` is.
 *
 * Together they ask for 7 images, so let the model speak to a fake of its server.
 */
export function imagesContract(create: () => Promise<ImageModel>): readonly ContractCase[] {
  return toCases(create, {
    'a prompt becomes an image of the type that it says, with the usage and the name': async (
      model,
    ) => {
      const { image, usage, model: answered } = await model.generate(request('A retort'))
      checkImage(image)
      checkTokens({ ...usage })
      assert.equal(typeof answered, 'string')
      assert.notEqual(answered, '', 'the reply does not say which model gave it')
    },

    'a model makes several images at once': async (model) => {
      const replies = await Promise.all(
        Array.from({ length: images }, (_, index) => model.generate(request('A bowl', index))),
      )
      for (const { image } of replies) checkImage(image)
    },

    'a model that makes images leaves the request as it is': async (model) => {
      await checkUntouched(request('Once'), (asked) => model.generate(asked))
    },

    'a model that makes images throws the reason of a signal that was aborted before': async (
      model,
    ) => {
      await checkAborted((signal) => model.generate(request('Never'), { signal }))
    },
  })
}

function checkImage({ bytes, mediaType }: { bytes: Uint8Array; mediaType: string }): void {
  assert.ok(bytes instanceof Uint8Array, 'an image is a Uint8Array')
  assert.equal(mediaTypeOf(bytes), mediaType, 'its mediaType is not what its bytes say')
}

function request(prompt: string, sampleIndex = 0) {
  return { prompt, sampleIndex }
}
