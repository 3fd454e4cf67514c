import type { Figures } from '../activities/activities.ts'

/** Nothing counted. */
export const noFigures: Figures = {
  calls: 0,
  reusedAnswers: 0,
  inputTokens: 0,
  outputTokens: 0,
  rejected: 0,
}

/** Adds counts up. */
export function addFigures(a: Figures, b: Figures): Figures {
  return {
    calls: a.calls + b.calls,
    reusedAnswers: a.reusedAnswers + b.reusedAnswers,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    rejected: a.rejected + b.rejected,
  }
}
