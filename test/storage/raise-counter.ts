import { createFileStore } from '../../src/storage/file-store.ts'

const [folder = '', times = '0'] = process.argv.slice(2)
const store = createFileStore(folder)
for (let left = Number(times); left > 0;) {
  const read = await store.getVersioned('counter')
  const next = String(Number(Buffer.from(read?.bytes ?? []).toString()) + 1)
  const version = await store.compareAndSet('counter', Buffer.from(next), read?.version)
  if (version !== undefined) left -= 1
}
