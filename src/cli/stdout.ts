import { once } from 'node:events'
import { writeSync } from 'node:fs'

/** Writes to stdout and waits until it takes more. */
export async function writeOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** Writes one JSON value as a line. */
export async function writeJson(value: unknown): Promise<void> {
  await writeOut(`${JSON.stringify(value)}\n`)
}

/** Writes one JSON value as a line, also where the process ends right after. */
export function writeJsonNow(value: unknown): void {
  writeSync(process.stdout.fd, `${JSON.stringify(value)}\n`)
}

/** Ends quietly when whoever reads our output has gone, as `head` does. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  // A terminal that was closed takes no message, and there is nobody to tell.
  process.stderr.on('error', () => {})
}

/** Ends the process once everything that was written has gone out. */
export async function exitAfterOutput(code: number): Promise<never> {
  const flushed = [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  )
  await Promise.all(flushed)
  process.exit(code)
}
