import { RequestRate } from '../../../bench/fake-server/request-rate.ts'
import { seededRandom } from '../../../bench/fake-server/seeded-random.ts'
import { RetortError } from '../../../src/core/errors.ts'
import type { Clock } from '../../../src/core/clock.ts'

/** How a simulated provider behaves; shares are parts of all requests, from 0 to 1. */
export interface Behaviour {
  readonly latencyMs: number
  /** How long a refusal by {@link requestsPerMinute} takes. */
  readonly refusalMs: number
  /** A limit whose bucket holds one second's worth. */
  readonly requestsPerMinute: number | undefined
  readonly rateLimitShare: number
  readonly retryAfterMs: number | undefined
  readonly errorShare: number
  readonly resetShare: number
  readonly hangShare: number
  /** When a caller gives a request up that hangs. */
  readonly timeoutMs: number
  /** Whether every request fails at once. */
  readonly isDown: boolean
  readonly seed: number
}

const wellBehaved: Behaviour = {
  latencyMs: 100,
  refusalMs: 3,
  requestsPerMinute: undefined,
  rateLimitShare: 0,
  retryAfterMs: 1000,
  errorShare: 0,
  resetShare: 0,
  hangShare: 0,
  timeoutMs: 5000,
  isDown: false,
  seed: 1,
}

/** A provider that lives on a test's clock. */
export class SimulatedProvider {
  requests = 0
  answered = 0
  refused = 0
  inFlight = 0
  peakInFlight = 0
  readonly #clock: Clock
  readonly #random: () => number
  #behaviour: Behaviour
  #rate: RequestRate | undefined

  constructor(clock: Clock, behaviour: Partial<Behaviour> = {}) {
    this.#clock = clock
    this.#behaviour = { ...wellBehaved, ...behaviour }
    this.#random = seededRandom(this.#behaviour.seed)
    this.set({})
  }

  set(changes: Partial<Behaviour>): void {
    this.#behaviour = { ...this.#behaviour, ...changes }
    const { requestsPerMinute } = this.#behaviour
    this.#rate =
      requestsPerMinute === undefined
        ? undefined
        : new RequestRate(requestsPerMinute, this.#clock.now())
  }

  /** Makes one attempt. */
  async ask(): Promise<string> {
    this.requests += 1
    this.inFlight += 1
    this.peakInFlight = Math.max(this.peakInFlight, this.inFlight)
    const { latencyMs, refusalMs, retryAfterMs, timeoutMs, isDown } = this.#behaviour
    const isRefused = !isDown && (this.#rate?.take(this.#clock.now()) ?? 0) > 0
    const fate = isDown ? 'error' : isRefused ? 'rate-limit' : this.#drawFate()
    const takesMs = isDown || isRefused ? refusalMs : fate === 'hang' ? timeoutMs : latencyMs
    await new Promise<void>((resolve) => this.#clock.after(takesMs, resolve))
    this.inFlight -= 1
    if (fate === 'answer') {
      this.answered += 1
      return 'answer'
    }
    if (fate === 'reset') throw new RetortError('connection-lost', 'The connection was reset.')
    if (fate === 'hang') throw new RetortError('timeout', 'Nothing came for 5 s.')
    if (fate === 'error')
      throw new RetortError('provider-unavailable', 'It broke.', { data: { status: 500 } })
    this.refused += 1
    throw new RetortError('rate-limited', 'Too many requests.', {
      data: { status: 429 },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
  }

  #drawFate(): 'answer' | 'reset' | 'hang' | 'error' | 'rate-limit' {
    const { resetShare, hangShare, errorShare, rateLimitShare } = this.#behaviour
    const draw = this.#random()
    let edge = resetShare
    if (draw < edge) return 'reset'
    if (draw < (edge += hangShare)) return 'hang'
    if (draw < (edge += errorShare)) return 'error'
    return draw < edge + rateLimitShare ? 'rate-limit' : 'answer'
  }
}
