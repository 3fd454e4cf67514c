/** Models that refuse `max_tokens` and think before they answer. */
export function isReasoningModel(model: string): boolean {
  return /(^|\/)(o[134]|gpt-5)([.-]|$)/.test(model)
}

/** Models that refuse to be told how to draw tokens, unless they are told not to think. */
export function refusesSampling(model: string): boolean {
  return isReasoningModel(model) && !/(^|\/)gpt-5[^/]*-chat/.test(model)
}
