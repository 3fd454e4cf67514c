/** Names of the workflows and what they are asked and told, which clients use without loading their code. */
export const workflowNames = {
  run: 'runPipeline',
  lane: 'runLane',
  lock: 'holdPipeline',
  limitGroup: 'limitGroup',
  requestLease: 'requestLease',
  returnLease: 'returnLease',
  progress: 'progress',
  pause: 'pause',
  resume: 'resume',
  set: 'set',
  stopped: 'stopped',
  counted: 'counted',
  count: 'count',
  orders: 'orders',
} as const

/** Workflow id of the lock that lets one run of a pipeline go at a time. */
export function lockId(storeId: string, pipeline: string): string {
  return `lock:${storeId}:${pipeline}`
}

/** The task queue that `retort run` serves alone. */
export function runQueue(storeId: string, run: string): string {
  return `retort-run-${storeId}-${run}`
}

/** The task queue that every worker of a store serves; custom code has one of its own for its activities. */
export function sharedQueue(storeId: string, code: string | null): string {
  return code === null ? `retort-${storeId}` : `retort-${storeId}-${code.slice(0, 16)}`
}

/** Where the workers of a queue say that they are alive. */
export function workersFolder(queue: string): string {
  return `workers/${queue}/`
}

/** The task queue of what every worker process serves for all stores: the limit groups that processes share. */
export const limitsQueue = 'retort-limits'

/** The id of the run that makes the next version of a run's dataset: `monday.r2` of `monday`, then `monday.r3`. */
export function nextVersionId(run: string): string {
  const [, base = run, version = '1'] = /^(.+)\.r([1-9]\d{0,8})$/.exec(run) ?? []
  return `${base}.r${Number(version) + 1}`
}
