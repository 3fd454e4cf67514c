/** A text, and what the model thought before it. */
export interface ThoughtText {
  readonly text: string
  /** Left out where there is none. */
  readonly reasoning?: string
}

const opening = /^\s*(?:<(think|thinking|thought)>|\[(THINK)\])/i
/** The end of thoughts that the chat template began, so that the answer has only this of them. */
const loneClosing = /^[ \t]*<\/(?:think|thinking|thought)>[ \t]*$|^[ \t]*\[\/THINK\][ \t]*$/im

/**
 * Takes off a text what the model thought in front of it, as `<think>…</think>` or `[THINK]…[/THINK]`.
 *
 * Where the thoughts do not end, the text was cut off within them, and nothing is left of it. Tags further
 * on in a text are part of it.
 */
export function splitThoughts(text: string): ThoughtText {
  const opened = opening.exec(text)
  if (opened !== null) {
    const start = opened[0].length
    const close = opened[2] === undefined ? `</${opened[1]}>` : '[/THINK]'
    const end = text.toLowerCase().indexOf(close.toLowerCase(), start)
    return end === -1
      ? toThoughtText('', text.slice(start))
      : toThoughtText(text.slice(end + close.length), text.slice(start, end))
  }
  const closed = loneClosing.exec(text)
  if (closed === null) return { text }
  return toThoughtText(text.slice(closed.index + closed[0].length), text.slice(0, closed.index))
}

function toThoughtText(text: string, thoughts: string): ThoughtText {
  const reasoning = thoughts.trim()
  return { text: text.trimStart(), ...(reasoning === '' ? {} : { reasoning }) }
}

/**
 * An answer without the thoughts in front of it.
 *
 * @throws Error where there are thoughts alone
 */
export function withoutThoughts(answer: string): string {
  const { text, reasoning } = splitThoughts(answer)
  if (text === '' && reasoning !== undefined)
    throw new Error('The answer ends within its thoughts.')
  return text
}
