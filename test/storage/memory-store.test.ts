import { createMemoryStore } from './memory-store.ts'
import { testStore } from './store-conformance.ts'

testStore('memory store', async () => createMemoryStore())
