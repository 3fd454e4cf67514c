/** How long a model may take for the parts of a call, in milliseconds. */
export interface CallTimeouts {
  readonly connectMs: number
  readonly firstByteMs: number
  readonly silenceMs: number
  readonly callMs: number
}

/** What a call waits for: a connection, the first byte of the answer, the next one. */
type CallPhase = 'connect' | 'firstByte' | 'silence'

/** Codes of the errors that calls end with which took too long. */
export const timeoutCodes = {
  connect: 'CONNECT_TIMEOUT',
  firstByte: 'FIRST_BYTE_TIMEOUT',
  silence: 'SILENCE_TIMEOUT',
  call: 'CALL_TIMEOUT',
} as const

/** Code to the setting that it means. */
export const timeoutSettings: Readonly<Record<string, string>> = {
  [timeoutCodes.connect]: 'connectSeconds',
  [timeoutCodes.firstByte]: 'firstByteSeconds',
  [timeoutCodes.silence]: 'silenceSeconds',
  [timeoutCodes.call]: 'callSeconds',
}

const missed: Readonly<Record<keyof typeof timeoutCodes, string>> = {
  connect: 'it did not take the connection',
  firstByte: 'no byte of an answer came',
  silence: 'the answer broke off, and no further byte came',
  call: 'no whole answer came',
}

/**
 * Ends a call that waits too long.
 *
 * What arrives only moves a time stamp: the timer, one a call, is set again when it fires too early
 * or where a shorter wait begins.
 */
export class CallTimer {
  readonly #timeouts: CallTimeouts
  readonly #onTimeout: (error: Error) => void
  readonly #callEnds: number
  #phase: CallPhase = 'connect'
  #heardAt: number
  #firesAt = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(timeouts: CallTimeouts, onTimeout: (error: Error) => void) {
    this.#timeouts = timeouts
    this.#onTimeout = onTimeout
    this.#heardAt = performance.now()
    this.#callEnds = this.#heardAt + timeouts.callMs
    this.#arm(this.#heardAt)
  }

  /** A wait begins. */
  enter(phase: CallPhase): void {
    this.#phase = phase
    this.heard()
    if (this.#ends() < this.#firesAt) this.#arm(this.#heardAt)
  }

  /** Something arrived, so the wait begins again. */
  heard(): void {
    this.#heardAt = performance.now()
  }

  /** Nothing is waited for until a wait begins. */
  pause(): void {
    if (this.#firesAt === Number.NEGATIVE_INFINITY) return
    clearTimeout(this.#timer)
    this.#firesAt = Number.POSITIVE_INFINITY
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#firesAt = Number.NEGATIVE_INFINITY
  }

  #ends(): number {
    return Math.min(this.#heardAt + this.#timeouts[`${this.#phase}Ms`], this.#callEnds)
  }

  #arm(now: number): void {
    clearTimeout(this.#timer)
    this.#firesAt = this.#ends()
    // What arrived while this process was held up is read before the timer has its say.
    const check = () => setImmediate(() => this.#check())
    this.#timer = setTimeout(check, Math.max(1, Math.ceil(this.#firesAt - now)))
  }

  #check(): void {
    if (!Number.isFinite(this.#firesAt)) return
    const now = performance.now()
    const ends = this.#ends()
    if (now < ends) return this.#arm(now)
    this.stop()
    this.#onTimeout(this.#error(ends === this.#callEnds ? 'call' : this.#phase))
  }

  #error(what: keyof typeof timeoutCodes): Error {
    const seconds = this.#timeouts[`${what}Ms`] / 1000
    // Clients look for words such as `timeout` in a message, and throw an error of their own then.
    const error = new Error(`${missed[what]} within ${seconds} s`)
    return Object.assign(error, { code: timeoutCodes[what] })
  }
}
