import type { ModelKind } from '../../core/llm-spec.ts'

/** How a model class of distilabel is one of ours. */
export interface ModelClass {
  readonly type: string
  readonly kind: ModelKind
  /** The variable that its key belongs into; `null` where it has none. */
  readonly keyVariable: string | null
  /** Fields that are parameters here, by the names that `parameterName` gives them. */
  readonly fields: readonly string[]
  /** Parameters of generation that have names here, too. */
  readonly generation: readonly string[]
  /** Parameters of generation that go into the request's body as they are. */
  readonly body?: readonly string[]
  /** Parameters of generation that mean nothing where the model is asked here. */
  readonly idle?: readonly string[]
  /** Whether parameters of generation are the model's own parameters here. */
  readonly isFlat?: boolean
  /** What its address needs in the end to speak OpenAI's protocol. */
  readonly path?: string
  /** Most tokens of an answer where a dump does not say. */
  readonly maxNewTokens?: number
  /** A parameter that dumps may leave out, because distilabel finds it elsewhere. */
  readonly wanted?: WantedParameter
}

/** A parameter that a model has to have here. */
export interface WantedParameter {
  readonly name: string
  /** What it holds, as `--set` is shown it. */
  readonly placeholder: string
  /** Why a dump may be without it, as the end of a sentence. */
  readonly why: string
}
