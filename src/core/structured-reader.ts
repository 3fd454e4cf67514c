import type { AnswerFormat } from './chat.ts'

/** Reads answers that have to be of a form, and checks the form itself. */
export interface StructuredReader {
  /**
   * Finds what an answer has to be in the text that came back: compact JSON, or the text that the pattern matches.
   *
   * JSON is repaired only where the answer was not cut off.
   *
   * @throws Error with a sentence for the model, which says what does not hold and where
   */
  read(format: AnswerFormat, text: string, isCutOff: boolean): string
  /** @throws RetortError `parameter-invalid` where no answer can be held to the form, such as a schema that is none */
  check(format: AnswerFormat, who: string): void
}
