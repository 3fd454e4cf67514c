import { DefaultLogger } from '@temporalio/worker'
import type { LogLevel, Logger } from '@temporalio/worker'
import { destination, pino } from 'pino'

/** How much a worker tells on stderr, a JSON object a line; `RETORT_LOG` wins. */
export type WorkerLogLevel = 'error' | 'warn' | 'info' | 'debug'

const levels: readonly string[] = ['error', 'warn', 'info', 'debug'] satisfies WorkerLogLevel[]

/** The log of a worker process, for the SDK's messages and the activities'. */
export function createWorkerLog(level: WorkerLogLevel): Logger {
  const named = process.env['RETORT_LOG']?.toLowerCase()
  const chosen = named !== undefined && levels.includes(named) ? named : level
  const log = pino({ level: chosen, base: null }, destination({ fd: 2, sync: true }))
  return new DefaultLogger(chosen.toUpperCase() as LogLevel, ({ level: at, message, meta }) => {
    // The SDK's names are pino's, in capitals; what it attaches is plain data or an error.
    log[at.toLowerCase() as WorkerLogLevel]({ ...meta }, message)
  })
}
