import { expect, test } from 'vitest'

import { TokenText } from '../../src/models/token-text.ts'

/** Each token a byte, as in a vocabulary that falls back to bytes. */
function ofBytes(stops: readonly string[] = []): TokenText<number> {
  return new TokenText<number>((tokens) => Buffer.from(tokens).toString(), stops)
}

function write(text: string, stops?: readonly string[]): TokenText<number> {
  const answer = ofBytes(stops)
  for (const byte of Buffer.from(text)) if (!answer.isStopped) answer.push(byte)
  return answer
}

test('characters of several tokens are whole, and keep their place among others', () => {
  expect(write('aé€😀z').end()).toBe('aé€😀z')
})

test('bytes that are no character are kept as such', () => {
  const answer = ofBytes()
  for (const byte of [0x61, 0xff, 0xfe, 0x62, 0xf0, 0x9f]) answer.push(byte)
  expect(answer.end()).toBe(Buffer.from([0x61, 0xff, 0xfe, 0x62, 0xf0, 0x9f]).toString())
})

test('a text ends before the first stop text, also where tokens split it', () => {
  expect(write('one END two', ['END', 'two']).end()).toBe('one ')
  expect(write('one two END', ['END', 'two']).end()).toBe('one ')
  expect(write('stops at €uro', ['€']).isStopped).toBe(true)
  expect(write('ENEND', ['END', '']).end()).toBe('EN')
  expect(write('nothing', ['never']).isStopped).toBe(false)
})

test('a token that is written differently at a beginning is written as within a text', () => {
  const words = ['a', 'bc', 'd']
  // As SentencePiece does: a space before each word but the first.
  const answer = new TokenText<number>(
    (tokens) => tokens.map((at) => words[at]).join(' '),
    ['bc d'],
  )
  for (const token of [0, 1, 0, 1, 2]) answer.push(token)
  expect(answer.end()).toBe('a bc a ')
})

test('tokens without a text of their own wait for the next', () => {
  const answer = new TokenText<number>((tokens) => (tokens.includes(2) ? 'seen' : ''), [])
  for (const token of [0, 1]) answer.push(token)
  expect(answer.end()).toBe('')
  answer.push(2)
  expect(answer.end()).toBe('seen')
})
