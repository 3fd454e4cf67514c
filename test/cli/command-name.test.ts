import { expect, test } from 'vitest'

import { quoteWord, resumeCommand } from '../../src/cli/command-name.ts'

test('the command that resumes is the one that was typed, with the run id', () => {
  const typed = ['run', 'my file.ts', '--set', "a.b=it's", '--run-id', 'old', '--json']
  expect(resumeCommand(typed, 'new')).toMatch(
    / run 'my file\.ts' --set 'a\.b=it'\\''s' --json --run-id new$/,
  )
  expect(resumeCommand(['run', 'a.ts', '--run-id=old'], 'old')).toMatch(/ run a\.ts --run-id old$/)
})

test('words are quoted only where a shell needs it', () => {
  expect(quoteWord('s3://bucket/a.b-c_d=1,2')).toBe('s3://bucket/a.b-c_d=1,2')
  expect(quoteWord('')).toBe("''")
  expect(quoteWord('$HOME')).toBe("'$HOME'")
})
