import { canonicalJson } from '../src/core/json.ts'
import type { InnerModel } from '../src/core/inner-model.ts'
import type { LiveModel, LLM, LLMSpec, ModelSpec } from '../src/core/llm-spec.ts'
import type { Price } from '../src/core/price.ts'
import { modelOfType } from '../src/core/registry.ts'
import type { ResolvedStep } from '../src/core/resolve-pipeline.ts'
import type { StructuredReader } from '../src/core/structured-reader.ts'
import { loadStructured } from '../src/models/structured/load-structured.ts'
import { askLimited } from '../src/models/limited-llm.ts'
import { priceOfModel } from '../src/models/prices.ts'
import { CallPacer } from '../src/models/limiter/call-pacer.ts'
import { Limiters } from '../src/models/limiter/limiters.ts'
import type { Leases } from './leases.ts'
import { createCalledModel } from './model-call.ts'
import type { CalledModel, CallScope } from './model-call.ts'
import type { WorkerContext } from './worker-context.ts'

/** The live models of a process, and the limits that their calls keep. */
export class Models {
  readonly #context: WorkerContext
  readonly #leases: Leases | undefined
  readonly #limiters: Limiters
  readonly #pacer = new CallPacer()
  readonly #live = new Map<string, Promise<LiveModel>>()
  #reader: Promise<StructuredReader> | undefined

  /** @param leases - what other processes leave of limits; without it there are none */
  constructor(context: WorkerContext, leases?: Leases) {
    this.#context = context
    this.#leases = leases
    this.#limiters = new Limiters({ isShared: leases !== undefined })
  }

  /**
   * Runs work that may ask a step's model.
   *
   * @param price - what the model's tokens cost; `null` where it is not known
   */
  async use<T>(
    step: ResolvedStep,
    price: Price | null,
    scope: CallScope,
    work: (model: CalledModel | undefined) => Promise<T>,
  ): Promise<T> {
    const { model } = step
    if (model === undefined) return await work(undefined)
    const stepName = step.spec.name
    const live = await this.live(model.spec, stepName)
    const limiter = this.#limiters.of(model.limitGroup)
    const limits = () => ({ ...model.spec.limits, ...scope.gate.settings().limits?.[stepName] })
    const membership = limiter.join(limits())
    scope.gate.onSettings(() => membership.update(limits()))
    const release = this.#leases?.use(limiter)
    try {
      const { capabilities } = modelOfType(this.#context.registry, model.spec.type, stepName)
      const continuesPrompts = capabilities?.completions === true
      const limited = { stepName, live, continuesPrompts, limiter, pacer: this.#pacer, price }
      return await work(createCalledModel(limited, scope))
    } finally {
      release?.()
      membership.leave()
    }
  }

  /** @throws RetortError `parameter-invalid` where no answer can be held to a format */
  async checkFormat(...given: Parameters<StructuredReader['check']>): Promise<void> {
    const reader = await (this.#reader ??= loadStructured())
    reader.check(...given)
  }

  /** Finds in an answer what its format wants. @throws Error with a sentence for the model */
  async readStructured(
    ...[format, text, isCutOff]: Parameters<StructuredReader['read']>
  ): Promise<string> {
    return (await (this.#reader ??= loadStructured())).read(format, text, isCutOff)
  }

  /** Loads what models need ahead of their first call; what is wrong with one shows when it is asked. */
  async warmUp(specs: readonly ModelSpec[]): Promise<void> {
    const { registry, environment } = this.#context
    await Promise.allSettled(
      specs.map(async (named) => {
        const spec = registry.resolveModel(named, environment)
        const { limits = {} } = spec
        const group = modelOfType(registry, spec.type, spec.type).limitGroup(spec)
        this.#leases?.expect(this.#limiters.of(group), {
          maxConcurrency: limits.maxConcurrency ?? null,
          requestsPerMinute: limits.requestsPerMinute ?? null,
          tokensPerMinute: limits.tokensPerMinute ?? null,
        })
        await Promise.all([
          this.live(spec, spec.type),
          // Planning asks for it soon, and the table of prices takes a while to load.
          priceOfModel(spec, (type) => modelOfType(registry, type, type)),
        ])
      }),
    )
  }

  /** A model within another one, whose calls keep its own limits together with all others of its group. */
  async #connectInner(spec: LLMSpec, stepName: string): Promise<InnerModel> {
    // Only models that answer are within others.
    const live = (await this.live(spec, stepName)) as LLM
    const { limitGroup } = modelOfType(this.#context.registry, spec.type, stepName)
    const limiter = this.#limiters.of(limitGroup(spec))
    const membership = limiter.join(spec.limits)
    return {
      live,
      ask: async (request, options) => {
        const release = this.#leases?.use(limiter)
        try {
          return await askLimited(live, limiter, request, options)
        } finally {
          release?.()
        }
      },
      // Whoever else asks it goes on, and this process ends it.
      close: async () => membership.leave(),
    }
  }

  /** A model that is at hand from then on; who asks it without {@link use} keeps no limits. */
  async live(spec: ModelSpec, stepName: string): Promise<LiveModel> {
    const id = canonicalJson({ type: spec.type, params: spec.params })
    const known = this.#live.get(id)
    if (known !== undefined) return await known
    const { registry, environment } = this.#context
    const connecting = modelOfType(registry, spec.type, stepName).create(
      spec,
      environment,
      (inner) => this.#connectInner(inner, stepName),
    )
    this.#live.set(id, connecting)
    connecting.catch(() => this.#live.delete(id))
    return await connecting
  }

  /** Why no call of some limit group starts, as one sentence; `null` while all may. */
  blockedReason(): string | null {
    return this.#limiters.stats().find(({ blockedReason }) => blockedReason)?.blockedReason ?? null
  }

  /** Calls that wait for a provider's answer. */
  callsInFlight(): number {
    return this.#limiters.stats().reduce((sum, { inFlight }) => sum + inFlight, 0)
  }

  /** Lets no further call start; those in flight finish. */
  stopCalls(reason: Error): void {
    this.#limiters.close(reason)
  }

  async close(): Promise<void> {
    for (const connecting of this.#live.values())
      await connecting.then(
        (llm) => llm.close?.(),
        () => {},
      )
    this.#live.clear()
  }
}
