import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { noBatchFigures } from '../../src/core/staged-row.ts'
import type { Chunk } from '../../src/core/staged-row.ts'
import { decodeChunk, encodeChunk, readChunkHeader } from '../../src/storage/chunk.ts'

const chunk: Chunk = {
  run: 'run-1',
  figures: { ...noBatchFigures, calls: 3, inputTokens: 120, outputTokens: 7.5 },
  rows: [
    { origin: '12', identity: 'abc', row: { prompt: 'line\nbreak\u2028 and "quotes"', n: 1 } },
    { origin: '13.0', identity: 'def.0', row: { prompt: '日本 🙂', list: [1, null, { a: true }] } },
  ],
  rejected: [
    {
      origin: '14',
      identity: 'ghi',
      step: 'generate',
      code: 'output-invalid',
      reason: 'No solution.',
      raw: 'what the model said',
      row: { prompt: 'x' },
    },
    {
      origin: '15',
      identity: 'jkl',
      step: 'generate',
      code: 'refusal',
      reason: 'It refused.',
      raw: null,
      row: {},
    },
  ],
}
const empty: Chunk = {
  run: 'run-2',
  figures: noBatchFigures,
  rows: [],
  rejected: [],
}
const large: Chunk = {
  ...empty,
  rows: Array.from({ length: 3_000 }, (_, index) => ({
    origin: String(index),
    identity: `identity ${index}`,
    row: { text: String(Math.sin(index)).repeat(5) },
  })),
}

test.each([
  ['with rows and rejected rows', chunk],
  ['without any', empty],
  ['of thousands of rows', large],
])('a chunk %s is decoded as it was encoded', async (_, given) => {
  const bytes = await encodeChunk(given)
  expect(await decodeChunk(bytes)).toEqual(given)
  expect(await readChunkHeader(bytes)).toEqual({
    run: given.run,
    figures: given.figures,
    rows: given.rows.length,
    rejected: given.rejected.length,
  })
})

test('equal chunks have equal bytes', async () => {
  expect(await encodeChunk(chunk)).toEqual(await encodeChunk(structuredClone(chunk)))
})

test('a chunk is one zstd frame of JSON Lines with a checksum', async () => {
  const bytes = await encodeChunk(chunk)
  const [header, ...lines] = zstdDecompressSync(bytes).toString().trimEnd().split('\n')
  expect(JSON.parse(header ?? '')).toMatchObject({ version: 2, run: 'run-1', rows: 2, rejected: 2 })
  expect(lines).toHaveLength(4)
  expect(JSON.parse(lines[0] ?? '')).toEqual(['12', 'abc', chunk.rows[0]?.row])
  expect(bytes.subarray(0, 4)).toEqual(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))
  // The third bit of the frame's descriptor says that a checksum follows.
  expect((bytes[4] ?? 0) & 0b100).toBe(0b100)
})

test('each damaged byte of a chunk is noticed', async () => {
  const bytes = await encodeChunk(chunk)
  for (let index = 0; index < bytes.length; index += 1) {
    const damaged = Uint8Array.from(bytes)
    damaged[index] = (damaged[index] ?? 0) ^ 0b1000_0001
    await expect(decodeChunk(damaged)).rejects.toMatchObject({ code: 'store-corrupt' })
  }
})

test.each([
  ['nothing', Buffer.from('')],
  ['no zstd', Buffer.from('hello')],
  ['no JSON', pack('hello')],
  ['no header', pack('[]')],
  ['another format', pack({ version: 1 })],
  ['a header without counts', pack({ version: 2, run: 'r', figures: {} })],
  ['fewer rows than told', pack(header(2), ['0', 'a', {}])],
  ['more rows than told', pack(header(1), ['0', 'a', {}], ['1', 'b', {}])],
  ['a row that is none', pack(header(1), ['0', 'a'])],
  ['a rejected row that is none', pack(header(0, 1), ['0', 'a', {}])],
  ['a last line that is cut off', zstdCompressSync(JSON.stringify(header(0)))],
])('a chunk of %s is corrupt and its name is told', async (_, bytes) => {
  await expect(decodeChunk(bytes, 'chunks/a')).rejects.toMatchObject({
    code: 'store-corrupt',
    message: expect.stringMatching(/^Stored chunk 'chunks\/a' is damaged: .+; remove it/),
  })
})

test('a chunk that is cut off anywhere is corrupt', async () => {
  const bytes = await encodeChunk(chunk)
  for (let length = 0; length < bytes.length; length += 1)
    await expect(decodeChunk(bytes.subarray(0, length))).rejects.toMatchObject({
      code: 'store-corrupt',
    })
})

function header(rows: number, rejected = 0): object {
  return { version: 2, run: 'r', figures: noBatchFigures, rows, rejected }
}

function pack(...lines: readonly unknown[]): Buffer {
  return zstdCompressSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}
