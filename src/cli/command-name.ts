import { basename, relative } from 'node:path'

/** How this command was called, so that a line that is printed can be typed again. */
export function commandName(): string {
  const script = process.argv[1] ?? ''
  if (process.env['npm_command'] !== undefined || script.includes('node_modules'))
    return 'npx retort'
  if (!script.endsWith('.js')) return basename(script)
  const path = relative('.', script)
  return `node ${quoteWord(path.startsWith('..') ? script : path)}`
}

/** The command that goes on with a run: the one that was typed, with its run id. */
export function resumeCommand(args: readonly string[], runId: string): string {
  const kept = args.filter(
    (arg, index) =>
      arg !== '--run-id' && args[index - 1] !== '--run-id' && !arg.startsWith('--run-id='),
  )
  return [commandName(), ...kept.map(quoteWord), '--run-id', quoteWord(runId)].join(' ')
}

/** A word as a shell reads it. */
export function quoteWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
