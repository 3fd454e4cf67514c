import fc from 'fast-check'
import { expect, test } from 'vitest'

import { isNotApplicable, scaleNumber } from '../../../src/tasks/parsing/scale-number.ts'

const whole = { least: 1, most: 5 }
const fine = { least: 0, most: 5, hasFractions: true }

test.each([
  '4',
  ' 4 \n',
  '**4**',
  '_4_',
  '`4`',
  '4.',
  '4.0',
  '04',
  '+4',
  '4/5',
  '4 / 5',
  '**4**/5',
  '[4/5]',
  '4/5.0',
  '4 out of 5',
  '4 (out of 5)',
  '4 of 5 stars',
  '<4>',
  '[4]',
  '(4)',
  '"4"',
  '“4”',
  '4 (good)',
  '4 - Good',
  '4 – Good',
  '4: good',
  '4, since it is clear',
  '4 stars',
  '4 points.',
  '4<br>',
  '4\nGood.',
  '4 ⭐',
  '4\n\n---',
])('%j is 4', (text) => {
  expect(scaleNumber(text, 'It', whole)).toBe(4)
})

test.each([
  '',
  'four',
  'about 4',
  '10',
  '0',
  '6',
  '-4',
  '−4',
  '45',
  '4.5',
  '4,5',
  '4½',
  '3-4',
  '3 – 4',
  '3 to 4',
  '3 or 4',
  '4 or higher',
  '4 and a half',
  '4/10',
  '5/4',
  '4/50',
  '4/5/5',
  '80%',
  '4%',
  '4?',
  '4 is too high',
  '4 good',
  '4 %',
  '4 percent',
  '4+',
  '4th',
  '4e0',
  '0x4',
  '4.5.1',
  '4**5',
  '4_5',
  '~~3~~ 4',
  '4 (text 2 is better)',
  '4\nActually 3',
  '[1-5]',
  '<4',
  '>4',
  '≥4',
  '~4',
  '٤',
  '４',
  '④',
  '★★★★☆',
  'Score: 4',
  'N/A',
  'Infinity',
])('%j is no whole number from 1 to 5', (text) => {
  expect(() => scaleNumber(text, 'The rating of text 2', whole)).toThrow(
    /^The rating of text 2 is '.*'; it must be one whole number from 1 to 5\.$/s,
  )
})

test('a scale with fractions takes them', () => {
  expect(scaleNumber('4.5', 'It', fine)).toBe(4.5)
  expect(scaleNumber('4.5/5', 'It', fine)).toBe(4.5)
  expect(scaleNumber('0', 'It', fine)).toBe(0)
  expect(() => scaleNumber('5.01', 'It', fine)).toThrow("It is '5.01'; it must be one number from")
})

test('every number of a scale is read, and none beside it, whatever markdown is around it', () => {
  const mark = fc.constantFrom('', '*', '**', '`', '__', '\n', ' ')
  const behind = fc.constantFrom('', '/5', ' out of 5', '.', ' (fair)', ' - fair')
  fc.assert(
    fc.property(fc.integer({ min: -20, max: 120 }), mark, behind, (value, around, rest) => {
      const text = `${around}${value}${around}${rest}`
      if (value >= 1 && value <= 5) expect(scaleNumber(text, 'It', whole)).toBe(value)
      else expect(() => scaleNumber(text, 'It', whole)).toThrow("It is '")
    }),
  )
})

test.each(['N/A', 'n/a', 'NA', 'None', ' **none** ', 'None.', '[N/A]', 'N/A (a poem)', 'None - x'])(
  '%j gives no number',
  (text) => {
    expect(isNotApplicable(text)).toBe(true)
  },
)

test.each(['', '4', 'None of the levels', 'N/A - 3', 'nonexistent', 'national', 'N / 4', 'no'])(
  '%j does not say that there is no number',
  (text) => {
    expect(isNotApplicable(text)).toBe(false)
  },
)
