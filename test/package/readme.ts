import { readFileSync } from 'node:fs'

/** A fenced block of the README. */
export interface Block {
  readonly language: string
  /** What stands behind the language, such as `run` or `file=answers.ts`. */
  readonly note: string
  readonly text: string
}

/** The fenced blocks of the README, in order. */
export function readmeBlocks(): Block[] {
  const text = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  return [...text.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', note = '', body = '']) => ({
      language,
      note,
      text: body,
    }),
  )
}

/** The commands of a shell block, without comments. */
export function commandsOf({ text }: Block): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '')
}
