import { storeUri } from '../local/store-uri.ts'
import { openStore } from '../storage/open-store.ts'
import { checkStore } from '../storage/store-info.ts'
import type { Store } from '../storage/store.ts'

/** Opens the store of a command that changes nothing. */
export async function openStoreToRead(store: string | undefined): Promise<Store> {
  const opened = await openStore(storeUri({ store }))
  await checkStore(opened, { access: 'read' })
  return opened
}
