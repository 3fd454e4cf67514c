import type { ErrorCode } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'

/** The one line that a keeper sends to each client once it knows how its server fares. */
export type Greeting =
  | { readonly ready: true; readonly port: number; readonly uiPort: number }
  | {
      readonly ready: false
      readonly code: ErrorCode
      readonly message: string
      readonly data: JsonObject
    }

export function toLine(greeting: Greeting): string {
  return `${JSON.stringify(greeting)}\n`
}

export function parseGreeting(line: string): Greeting {
  return JSON.parse(line)
}
