import { expect, test } from 'vitest'

import { mediaTypeOf } from '../../src/core/media-type.ts'
import { beginnings, png } from '../models/images.ts'

test.for([
  ['image/png', png],
  ['image/jpeg', beginnings.jpeg],
  ['image/webp', beginnings.webp],
  ['image/gif', beginnings.gif],
  [undefined, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  [undefined, Buffer.from('RIFF\x10\0\0\0WAVEfmt ', 'latin1')],
  [undefined, Buffer.alloc(0)],
] as const)('bytes tell the type %s', ([mediaType, bytes]) => {
  expect(mediaTypeOf(bytes)).toBe(mediaType)
})
