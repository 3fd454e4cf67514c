import {
  condition,
  continueAsNew,
  defineUpdate,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'

import { divide, withoutLease } from '../src/core/lease-division.ts'
import { checkLeaseRequest, leaseMilliseconds } from '../src/core/lease.ts'
import type { LeaseAnswer, LeaseRequest, LimitGroupInput } from '../src/core/lease.ts'
import { workflowNames } from '../src/core/run-names.ts'

/** A request adds about six. */
const mostEvents = 1_000
const idleMilliseconds = 60_000

/** Asks for a share, or renews it. */
export const requestLease = defineUpdate<LeaseAnswer, [LeaseRequest]>(workflowNames.requestLease)

/** Takes back what a process no longer needs. */
export const returnLease = defineUpdate<void, [string]>(workflowNames.returnLease)

/** Divides a limit group's limits among the processes that ask; ends when none has held anything for a minute. */
export async function limitGroup(input: LimitGroupInput): Promise<void> {
  let { state } = input
  let heldUntil = Math.max(Date.now(), ...state.leases.map(({ until }) => until))
  setHandler(
    requestLease,
    (request) => {
      const now = Date.now()
      const division = divide(state, request, now)
      state = division.state
      heldUntil = now + leaseMilliseconds
      return division.answer
    },
    { validator: checkLeaseRequest },
  )
  setHandler(returnLease, (holder) => {
    state = withoutLease(state, holder)
  })
  const isLong = () => {
    const { historyLength, continueAsNewSuggested } = workflowInfo()
    return historyLength > mostEvents || continueAsNewSuggested
  }
  for (;;) {
    const left = heldUntil + idleMilliseconds - Date.now()
    if (left <= 0) return
    if (await condition(isLong, left))
      return await continueAsNew<typeof limitGroup>({ ...input, state })
  }
}
