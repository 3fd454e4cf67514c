/** What a Claude takes, as far as its name tells. */
export interface ClaudeTraits {
  /** Whether `temperature`, `topP` and `topK` mean anything to it. */
  readonly takesSampling: boolean
  /** Whether it takes `topP` beside a `temperature`. */
  readonly takesBothSamplings: boolean
  /** Whether it decides by itself how much it thinks. */
  readonly thinksAdaptively: boolean
  /** Whether it thinks where nobody says anything. */
  readonly thinksUnasked: boolean
  /** Whether it takes a number of tokens to think in. */
  readonly takesBudget: boolean
  readonly takesEffort: boolean
  /** Whether it can be held to a JSON Schema. */
  readonly hasJsonSchema: boolean
}

/** A model of somebody else behind Anthropic's API gets whatever it is asked with. */
const unknownModel: ClaudeTraits = {
  takesSampling: true,
  takesBothSamplings: true,
  thinksAdaptively: true,
  thinksUnasked: false,
  takesBudget: true,
  takesEffort: true,
  hasJsonSchema: true,
}

/** Reads a name such as `claude-opus-4-8`, `claude-3-7-sonnet-20250219` or `anthropic/claude-sonnet-4.6`. */
export function traitsOf(model: string): ClaudeTraits {
  const name = model.toLowerCase()
  if (!name.includes('claude')) return unknownModel
  const version = versionOf(name)
  return {
    takesSampling: version < 4.07,
    takesBothSamplings: version < 4.01,
    thinksAdaptively: version >= 4.06,
    thinksUnasked: version >= 5,
    takesBudget: version >= 3.07 && version < 4.07,
    takesEffort: version >= 4.06 || name.includes('opus-4-5') || name.includes('opus-4.5'),
    hasJsonSchema: version >= 4.05 || name.includes('opus-4-1') || name.includes('opus-4.1'),
  }
}

/** 4.08 for 4.8; a Claude without a number, such as `claude-mythos-preview`, is of the newest kind. */
function versionOf(name: string): number {
  // What has more digits than two is a date.
  const [, major, minor = '0'] =
    /claude-(?:[a-z]+-)*(\d{1,2})(?!\d)(?:[.-](\d{1,2})(?!\d))?/.exec(name) ?? []
  return major === undefined ? Number.POSITIVE_INFINITY : Number(major) + Number(minor) / 100
}

/**
 * The version of Anthropic's API that a model is asked by.
 *
 * The newest refuses `temperature`, `top_p` and `top_k` of every model; that before it takes all else as well.
 */
export function versionFor(model: string): string {
  return traitsOf(model).takesSampling ? '2023-06-01' : '2026-10-21'
}
