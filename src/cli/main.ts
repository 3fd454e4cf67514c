import { Console } from 'node:console'

import { CommanderError } from 'commander'

import { createProgram } from './program.ts'
import { exitCodeOf, exitCodes, printError, toReported, unstartedResult } from './report-error.ts'
import { endWithReader, exitAfterOutput, writeJson } from './stdout.ts'

/** Runs the command that was typed, and ends the process with its exit code. */
export async function main(): Promise<void> {
  endWithReader()
  // What a pipeline's own code logs must not mix with what a command prints.
  globalThis.console = new Console(process.stderr)
  process.on('uncaughtException', (error) => {
    printError(error)
    process.exit(exitCodes.failed)
  })
  await exitAfterOutput(await runCommandLine(process.argv.slice(2)))
}

async function runCommandLine(args: readonly string[]): Promise<number> {
  let code: number = exitCodes.completed
  const program = createProgram((exitCode) => (code = exitCode))
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return await refuse(args, error)
    printError(error)
    return exitCodeOf(error)
  }
}

/** Commander has told the user what is wrong; whoever asked for JSON gets that too. */
async function refuse(args: readonly string[], error: CommanderError): Promise<number> {
  if (error.exitCode === 0) return exitCodes.completed
  if (args[0] === 'run' && args.includes('--json')) {
    const message = error.message.replace(/^error: /, '')
    await writeJson(unstartedResult(null, { ...toReported(error), code: 'usage', message }))
  }
  return exitCodes.invalid
}
