import { checkPlaces } from '../local/check-places.ts'
import { exitCodes } from './report-error.ts'
import { writeJson, writeOut } from './stdout.ts'
import { styleText } from 'node:util'

/** Options of `retort doctor`. */
export interface DoctorOptions {
  readonly store?: string
  readonly json?: true
}

/** Checks what runs need. */
export async function doctorCommand({ store, json }: DoctorOptions): Promise<number> {
  const checks = await checkPlaces({ store })
  if (json === true) await writeJson(checks)
  else
    for (const { name, isOk, message } of checks) {
      const mark = styleText(isOk ? 'green' : 'red', isOk ? 'ok     ' : 'problem', {
        stream: process.stdout,
      })
      await writeOut(`${mark}  ${name}: ${message}\n`)
    }
  return checks.every(({ isOk }) => isOk) ? exitCodes.completed : exitCodes.failed
}
