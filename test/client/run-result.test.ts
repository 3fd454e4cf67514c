import { ServiceError, WorkflowNotFoundError } from '@temporalio/client'
import { expect, test } from 'vitest'

import { endedResult } from '../../src/client/run-result.ts'

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
