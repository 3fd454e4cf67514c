import { ServiceError, WorkflowNotFoundError } from '@temporalio/client'
import { expect, test } from 'vitest'

import { completedResult, endedResult, storedResult } from '../../src/client/run-result.ts'
import { noFigures } from '../../src/core/run-report.ts'
import type { Progress, PublishedDataset } from '../../src/core/run-report.ts'
import { exampleManifest } from '../storage/dataset/example-dataset.ts'

test('a run that its server lost can go on from what is stored', () => {
  const error = new WorkflowNotFoundError('workflow execution not found', 'monday', undefined)
  expect(endedResult('monday', error, 1, undefined)).toMatchObject({
    status: 'stopped',
    error: { code: 'run-superseded', message: expect.stringContaining('what is stored') },
  })
})

test('a server that goes away is told with the reason', () => {
  const cause = new Error('14 UNAVAILABLE: connect ECONNREFUSED 127.0.0.1:7233')
  const error = new ServiceError('Failed to get Workflow execution history', { cause })
  expect(endedResult('monday', error, 1, undefined)).toMatchObject({
    status: 'failed',
    error: { code: 'internal', message: expect.stringContaining(`went away`) },
  })
  expect(endedResult('monday', error, 1, undefined).error?.message).toContain('ECONNREFUSED')
})

const paid = { ...noFigures, calls: 2, costNanoUsd: 1_500_000 }
const dataset: PublishedDataset = {
  name: 'answers',
  version: 'monday',
  uri: '',
  rows: 1,
  rejected: 0,
  leaves: {},
}

test('a run tells what it cost, and that it does not know where one call has no price', () => {
  const outcome = { dataset, figures: paid, seconds: 1, notices: [] }
  expect(completedResult('monday', outcome).costUsd).toBe(0.001_5)
  const unpriced = { ...paid, unpricedCalls: 1 }
  expect(completedResult('monday', { ...outcome, figures: unpriced }).costUsd).toBeNull()
  expect(completedResult('monday', { ...outcome, figures: noFigures }).costUsd).toBe(0)
})

test('a run that completed earlier cost what its dataset says', () => {
  expect(storedResult('file:/x', exampleManifest({ costUsd: 0.25 })).costUsd).toBe(0.25)
  expect(storedResult('file:/x', exampleManifest({ costUsd: null })).costUsd).toBeNull()
})

test('a run that ended without a dataset cost what it was last seen at', () => {
  const seen: Progress = {
    state: 'running',
    pausedReason: null,
    rows: 10,
    doneRows: 1,
    target: null,
    figures: paid,
    jobs: null,
    forecast: null,
    steps: [],
    notices: [],
  }
  expect(endedResult('monday', new Error('It broke.'), 1, seen).costUsd).toBe(0.001_5)
  expect(endedResult('monday', new Error('It broke.'), 1, undefined).costUsd).toBeNull()
})
