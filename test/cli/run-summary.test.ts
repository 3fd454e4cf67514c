import { expect, test } from 'vitest'

import { runSummary } from '../../src/cli/run-summary.ts'
import type { RunResult } from '../../src/core/run-report.ts'

const result: RunResult = {
  runId: 'monday',
  status: 'completed',
  dataset: { name: 'answers', version: 'monday', uri: '', rows: 3, rejected: 0, leaves: {} },
  calls: 3,
  reusedAnswers: 0,
  sharedAnswers: 0,
  tokens: { input: 30, output: 1_500 },
  costUsd: 0.012,
  seconds: 4,
  error: null,
}

test('the summary of a run tells what it cost', () => {
  const [line] = runSummary(result, [], undefined)
  expect(line).toBe("Run 'monday' completed: 3 rows, 3 calls, 30 + 1,500 tokens, $0.012, 4 s.")
})

test('a cost that is not known names the models without a price', () => {
  const [line] = runSummary({ ...result, costUsd: null }, [], undefined, ['small', 'large'])
  expect(line).toContain("cost not known (no price for 'small', 'large'), 4 s.")
})
