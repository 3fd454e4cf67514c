import fc from 'fast-check'
import { expect, test } from 'vitest'

import { listItems } from '../../../src/tasks/parsing/list-items.ts'

test.each([
  ['numbers', '1. Why?\n2. How?'],
  ['numbers in brackets', '(1) Why?\n(2) How?'],
  ['numbers in square brackets', '[1] Why?\n[2] How?'],
  ['numbers with a bracket', '1) Why?\n2) How?'],
  ['numbers with a colon', '1: Why?\n2: How?'],
  ['numbers with a dash', '1 - Why?\n2 – How?'],
  ['numbers that stick to the text', '1.Why?\n2.How?'],
  ['numbers that were escaped', '1\\. Why?\n2\\. How?'],
  ['numbers in boxes', '1️⃣ Why?\n2️⃣ How?'],
  ['numbers in circles', '① Why?\n② How?'],
  ['bold numbers', '**1.** Why?\n**2.** How?'],
  ['bold items', '**1. Why?**\n**2. How?**'],
  ['bold texts', '1. **Why?**\n2. __How?__'],
  ['words before the numbers', 'Query 1: Why?\n**Query 2:** How?'],
  ['letters before the numbers', 'Q1. Why?\nQ2. How?'],
  ['headings with numbers', '### 1. Why?\n\n### Question 2: How?'],
  ['headings with the text below', '### 1.\nWhy?\n### 2.\nHow?'],
  ['headings of numbers', '**Query 1**\nWhy?\n\n### 2\nHow?'],
  ['numbers behind bullets', '- 1. Why?\n- 2. How?'],
  ['bullets behind numbers', '1. - Why?\n2. - How?'],
  ['hyphens', '- Why?\n- How?'],
  ['stars', '* Why?\n* How?'],
  ['bullets', '• Why?\n• How?'],
  ['boxes to tick', '- [ ] Why?\n- [x] How?'],
  ['lines', 'Why?\nHow?'],
  ['lines with gaps', '\nWhy?\n \n\nHow?\n'],
  ['lines of headings', '# Why?\n# How?'],
  ['quotes', '1. "Why?"\n2. “How?”'],
  ['ticks', '1. `Why?`\n2. *How?*'],
  ['an introduction', 'Sure! Here are two queries:\n\n1. Why?\n2. How?'],
  ['an introduction to lines', 'Here are two queries:\nWhy?\nHow?'],
  ['a heading above lines', '## Queries\nWhy?\nHow?'],
  ['a bold heading above lines', '**Queries**\nWhy?\nHow?'],
  ['a word at the end', '1. Why?\n2. How?\n\nLet me know if you need more!'],
  ['rules', '1. Why?\n---\n2. How?\n***'],
  ['a fence', '```\n1. Why?\n2. How?\n```'],
  ['a fence below words', 'Here:\n```text\n1. Why?\n2. How?\n```'],
  ['JSON', '["Why?", "How?"]'],
  ['JSON in a fence', '```json\n[\n  "Why?",\n  "How?"\n]\n```'],
  ['thoughts', '<think>1. Who?</think>1. Why?\n2. How?'],
  ['line ends of Windows', '1. Why?\r\n2. How?\r\n'],
  ['indentation', '   1. Why?\n   2. How?'],
  ['quoted lines', '> 1. Why?\n> 2. How?'],
  ['spaces of all kinds', '1.\tWhy?\u00A0\n2.\u00A0How?  '],
])('a list of two is read from %s', (_, text) => {
  expect(listItems(text, 2)).toEqual(['Why?', 'How?'])
})

test.each([
  ['1. 5 ways to cook rice?', '5 ways to cook rice?'],
  ['1. What is 2**3**4?', 'What is 2**3**4?'],
  ['1. Explain `a * b` and `c`.', 'Explain `a * b` and `c`.'],
  ['1. **Travel:** Where to?', 'Travel: Where to?'],
  ['1. Say "yes" or "no"', 'Say "yes" or "no"'],
  ['1. "Yes" or "no"', '"Yes" or "no"'],
  ['1. *a* and *b*', '*a* and *b*'],
  ['1. Fix this:\n   1. x\n   2. y', 'Fix this:\n1. x\n2. y'],
  ['- Fix this:\n   1. x\n   2. y', 'Fix this:\n1. x\n2. y'],
  ['- 3-day trip: where?', '3-day trip: where?'],
  ['1.5 litres of water: too much?', '1.5 litres of water: too much?'],
  ['10:30 is when?', '10:30 is when?'],
  ['2024: what happened?', '2024: what happened?'],
  ['*args in Python: what is it?', '*args in Python: what is it?'],
])('what belongs to the text stays: %j', (text, item) => {
  expect(listItems(text, 1)).toEqual([item])
})

const numberedFrom1 = 'as a list numbered from 1 to 3'

test.each([
  ['', `The answer has 0 items; it must have 3, ${numberedFrom1}.`],
  ['I cannot do that.', `The answer has 1 item; it must have 3, ${numberedFrom1}.`],
  ['1. a\n2. b', `The answer has 2 items; it must have 3, ${numberedFrom1}.`],
  ['1. a\n2. b\n3. c\n4. d', `The answer has 4 items; it must have 3, ${numberedFrom1}.`],
  ['Queries:\na\nb', `The answer has 2 items; it must have 3, ${numberedFrom1}.`],
  ['["a", "b"]', `The answer has 2 items; it must have 3, ${numberedFrom1}.`],
  ['1. a\n2. b\n2. c', 'The answer numbers its items 1, 2, 2; number them from 1 to 3, in order.'],
  ['0. a\n1. b\n2. c', 'The answer numbers its items 0, 1, 2; number them from 1 to 3, in order.'],
  ['1. a\n3. b\n2. c', 'The answer numbers its items 1, 3, 2; number them from 1 to 3, in order.'],
  ['1. a\n2.\n3. c', 'Item 2 of the answer is empty; write its text behind its number.'],
  ['1. a\n2. **\n3. c', 'Item 2 of the answer is empty; write its text behind its number.'],
  ['["a", "", "c"]', 'Item 2 of the answer is empty; write its text behind its number.'],
  ['- a\n**More**\n- b\n- c', `The line '**More**' of the answer belongs to no item;`],
  ['1. a\n2. b\nc\n3. d', `The line 'c' of the answer belongs to no item;`],
  ['1. a\n2. b\n3. Fix this:\n\nx = 1', `The line 'x = 1' of the answer belongs to no item;`],
  ['| 1 | a |\n| 2 | b |\n| 3 | c |', `The line '| 1 | a |' of the answer is no item of a list;`],
  ['{"a": 1,\n"b": 2,\n"c": 3}', `The line '{"a": 1,' of the answer is no item of a list;`],
  ['<q>a</q>\n<q>b</q>\n<q>c</q>', `The line '<q>a</q>' of the answer is no item of a list;`],
  ['"a",\n"b",\n"c"', `The line '"a",' of the answer is no item of a list;`],
  ['1 a\n2 b\n3 c', `The line '1 a' of the answer is no item of a list;`],
  ['Step 1. a\nStep 2. b\nStep 3. c', `The line 'Step 1. a' of the answer is no item of a list;`],
  ['１．a\n２．b\n３．c', `The line '１．a' of the answer is no item of a list;`],
  ['a) a\nb) b\nc) c', `The line 'a) a' of the answer is no item of a list;`],
  ['I. a\nII. b\nIII. c', `The line 'I. a' of the answer is no item of a list;`],
  ['["a",\n"b",\n"c"', `The line '["a",' of the answer is no item of a list;`],
  ['[{"q": "a"}]', `The line '[{"q": "a"}]' of the answer is no item of a list;`],
])('%j is no list of three', (text, message) => {
  expect(() => listItems(text, 3)).toThrow(message)
})

test('plain texts are read as they were written, whatever list they stand in', () => {
  const item = fc.stringMatching(/^[A-PR-Z][a-z0-9 ,'/()-]{0,40}[a-z]\?$/)
  const style = fc.constantFrom(
    (text: string, n: number) => `${n}. ${text}`,
    (text: string, n: number) => `**${n})** ${text}\n`,
    (text: string, n: number) => `Query ${n}: "${text}"`,
    (text: string, n: number) => `${n}. **${text}**`,
    (text: string) => `- ${text}`,
    (text: string) => `* _${text}_\n`,
    (text: string) => `${text}\n`,
  )
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 20 }), style, (items, write) => {
      const text = items.map((one, index) => write(one, index + 1)).join('\n')
      expect(listItems(text, items.length)).toEqual(items)
      expect(() => listItems(text, items.length + 1)).toThrow('it must have')
    }),
  )
})

test('no text, however strange, takes long or gives a list that is not full', () => {
  const strange = fc.array(
    fc.constantFrom('*', '_', '`', '"', '\n', ' ', '1', '.', 'a', '[', '#', '-'),
    {
      maxLength: 300,
    },
  )
  fc.assert(
    fc.property(strange, fc.integer({ min: 1, max: 3 }), (characters, count) => {
      let items: string[]
      try {
        items = listItems(characters.join(''), count)
      } catch (error) {
        return error instanceof Error && /^(?:The (?:answer|line)|Item) .*\.$/.test(error.message)
      }
      return items.length === count && items.every((item) => /[\p{L}\p{N}]/u.test(item))
    }),
  )
})
