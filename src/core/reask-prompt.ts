import type { Rejection } from './rejection.ts'

const mostReasonCharacters = 2_000

/** What a model is told about its last answer, which does not hold, so that it answers again. */
export function reaskPrompt({ code, reason }: Rejection): string {
  if (code === 'cut-off')
    return 'Your last answer ran into the limit on its length and ends in the middle. Answer the same request again, from its beginning and in the form that it asks for, and keep it short enough to finish.'
  return `Your last answer cannot be used: ${reason.slice(0, mostReasonCharacters)}

Answer the same request again, as a whole and in the form that it asks for. Write that answer alone, with no word about the last one.`
}
