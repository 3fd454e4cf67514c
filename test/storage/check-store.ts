import { isRetortError } from '../../src/core/errors.ts'
import { openStore } from '../../src/storage/open-store.ts'
import { checkStore } from '../../src/storage/store-info.ts'

const [uri = ''] = process.argv.slice(2)
try {
  const { storeId } = await checkStore(await openStore(uri))
  process.stdout.write(storeId)
} catch (error) {
  if (!isRetortError(error)) throw error
  process.stdout.write(`${error.code} ${error.message}`)
}
