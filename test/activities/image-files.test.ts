import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { ImageFiles } from '../../activities/image-files.ts'
import { user } from '../../src/core/chat.ts'
import { png } from '../models/images.ts'
import { createMemoryStore } from '../storage/memory-store.ts'

let folder: string
const store = createMemoryStore()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'retort-images-'))
  writeFileSync(join(folder, 'dot.png'), png)
  writeFileSync(join(folder, 'text.png'), 'no image')
})

afterEach(() => rmSync(folder, { recursive: true }))

const shown = async (url: string) => {
  const messages = [
    user([
      { type: 'text', text: 'What is it?' },
      { type: 'image', url },
    ]),
  ]
  const [message] = await new ImageFiles(store, folder).show(messages)
  return message?.content
}

test('a file is shown as its bytes, by a path below the working folder or by an address', async () => {
  const url = `data:image/png;base64,${Buffer.from(png).toString('base64')}`
  const content = [
    { type: 'text', text: 'What is it?' },
    { type: 'image', url },
  ]
  expect(await shown('dot.png')).toEqual(content)
  expect(await shown(pathToFileURL(join(folder, 'dot.png')).href)).toEqual(content)
})

test('an image that was made is a file in the store, and is shown from there', async () => {
  const files = new ImageFiles(store, folder)
  const place = await files.keep({ bytes: png, mediaType: 'image/png' })
  expect(place).toMatch(/^store:images\/[0-9a-f]{2}\/[0-9a-f]{64}\.png$/)
  expect(await files.keep({ bytes: png, mediaType: 'image/png' })).toBe(place)
  expect(JSON.stringify(await shown(place))).toContain(Buffer.from(png).toString('base64'))
})

test('what is on the web stays an address', async () => {
  const url = 'https://example.com/dot.png'
  expect(await shown(url)).toEqual([
    { type: 'text', text: 'What is it?' },
    { type: 'image', url },
  ])
})

test.each([
  ['missing.png', /The image 'missing\.png' cannot be read from .*missing\.png\./],
  ['text.png', /The image 'text\.png' is neither PNG, JPEG, WebP nor GIF\./],
  [
    'large.png',
    /The image 'large\.png' has 20000001 bytes, more than the 20000000 that are sent\./,
  ],
  ['store:images/00/none.png', /The image 'store:images\/00\/none\.png' is not in the store\./],
])('%s is refused with a sentence', async (url, message) => {
  const large = openSync(join(folder, 'large.png'), 'w')
  ftruncateSync(large, 20_000_001)
  closeSync(large)
  await expect(shown(url)).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringMatching(message),
  })
})
