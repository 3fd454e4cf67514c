import { expect, test } from 'vitest'

import { inferenceURL } from '../../../src/models/hugging-face/inference-url.ts'

test('a model of the Hub is asked without the name of another provider', () => {
  const router = { kind: 'router', root: 'https://router.huggingface.co' } as const
  expect(inferenceURL(router, router.root, 'owner/model:together')).toBe(
    'https://router.huggingface.co/hf-inference/models/owner/model',
  )
})

test('an endpoint is asked at its root', () => {
  const place = { kind: 'address', root: 'https://x.endpoints.huggingface.cloud' } as const
  expect(inferenceURL(place, place.root, 'tgi')).toBe('https://x.endpoints.huggingface.cloud/')
})
