import { withFileLock } from '../../src/storage/file-lock.ts'

const [path = ''] = process.argv.slice(2)
await withFileLock(path, async () => {
  process.send?.('held')
  await new Promise((resolve) => process.once('message', resolve))
})
process.disconnect()
