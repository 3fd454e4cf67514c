import { readFileSync } from 'node:fs'

/** A fenced block of a page. */
export interface Block {
  readonly language: string
  /** What stands behind the language, such as `run` or `file=answers.ts`. */
  readonly note: string
  readonly text: string
}

/** The fenced blocks of a page, in order. */
export function readmeBlocks(page: 'README.md' | 'docs/models.md' = 'README.md'): Block[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8')
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
