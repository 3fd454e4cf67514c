import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineUpdate,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'

import { divide, withoutLease } from '../src/core/lease-division.ts'
import { checkLeaseRequest, isNews, leaseMilliseconds } from '../src/core/lease.ts'
import type { LeaseAnswer, LeaseRequest, LeaseState, LimitGroupInput } from '../src/core/lease.ts'
import { workflowNames } from '../src/core/run-names.ts'

/** A request adds about ten. */
const mostEvents = 1_000
const idleMilliseconds = 60_000

/** Asks for a share, or renews it; waits for news as long as the request says. */
export const requestLease = defineUpdate<LeaseAnswer, [LeaseRequest]>(workflowNames.requestLease)

/** Takes back what a process no longer needs. */
export const returnLease = defineUpdate<void, [string]>(workflowNames.returnLease)

/** Divides a limit group's limits among the processes that ask; ends when none has held anything for a minute. */
export async function limitGroup(input: LimitGroupInput): Promise<void> {
  let { state } = input
  let heldUntil = Math.max(Date.now(), ...state.leases.map(({ until }) => until))
  const grant = (request: LeaseRequest) => {
    const now = Date.now()
    const division = divide(state, request, now)
    state = division.state
    heldUntil = now + leaseMilliseconds
    return division.answer
  }
  setHandler(
    requestLease,
    async (request) => {
      const isKnown = state.leases.some(({ holder }) => holder === request.holder)
      const answer = grant(request)
      const waitsForNews = isKnown && request.patienceMs > 0 && !isNews(answer, request)
      if (!waitsForNews) return answer
      await condition(
        () =>
          isLong() ||
          isOutdated(state, request) ||
          isNews(divide(state, request, Date.now()).answer, request),
        request.patienceMs,
      )
      return isOutdated(state, request) ? answer : grant(request)
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
    if (!(await condition(isLong, left))) continue
    await condition(allHandlersFinished)
    return await continueAsNew<typeof limitGroup>({ ...input, state })
  }
}

/** Whether its holder has asked again since, or gave back what it had. */
function isOutdated({ leases }: LeaseState, { holder, sequence }: LeaseRequest): boolean {
  return leases.find((lease) => lease.holder === holder)?.sequence !== sequence
}
