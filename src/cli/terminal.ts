import { clearLine, cursorTo } from 'node:readline'
import { styleText } from 'node:util'

/** Where people are told what goes on: stderr, with one line at its end that is rewritten where that is a terminal. */
export interface Terminal {
  /** Whether {@link Terminal.status} rewrites its line. */
  readonly isLive: boolean
  /** Writes a line that stays. */
  note(line: string): void
  /** Shows how far things are, in place of what it showed before. */
  status(line: string): void
  /** Removes the status. */
  clear(): void
}

/** Opens stderr; quiet, it says nothing but errors, which are written elsewhere. */
export function openTerminal({ isQuiet }: { readonly isQuiet: boolean }): Terminal {
  const { stderr } = process
  if (isQuiet) return { isLive: false, note() {}, status() {}, clear() {} }
  if (!stderr.isTTY) {
    const note = (line: string) => void stderr.write(`${line}\n`)
    return { isLive: false, note, status: note, clear() {} }
  }
  const clear = () => {
    cursorTo(stderr, 0)
    clearLine(stderr, 0)
  }
  return {
    isLive: true,
    note(line) {
      clear()
      stderr.write(`${line}\n`)
    },
    status(line) {
      clear()
      stderr.write(line.slice(0, Math.max(20, stderr.columns - 1)))
    },
    clear,
  }
}

/** Faint text on a terminal that has colours; NO_COLOR is honoured. */
export function dim(text: string, stream: NodeJS.WriteStream = process.stderr): string {
  return styleText('dim', text, { stream })
}

/** Strong text, likewise. */
export function bold(text: string, stream: NodeJS.WriteStream = process.stderr): string {
  return styleText('bold', text, { stream })
}
