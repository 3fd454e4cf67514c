import { takeLock } from '../../../src/local/keeper/keeper-lock.ts'
import { identityOf } from '../../../src/storage/process-identity.ts'

// A process that tries to take a lock once it is told to, tells whether it did, and stays until its input ends.
const path = process.argv[2] ?? ''
const self = identityOf()
process.stdout.write('ready\n')
process.stdin.once('data', () => process.stdout.write(`${takeLock(path, self)}\n`))
process.stdin.once('end', () => process.exit())
