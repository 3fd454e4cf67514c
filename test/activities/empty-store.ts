import { afterEach, beforeEach } from 'vitest'

import { openStore } from '../../src/storage/open-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { createProject } from '../e2e/project.ts'
import type { Project } from '../e2e/project.ts'

/** Gives each test of the file an empty store in a folder of its own. */
export function useEmptyStore(): () => Store {
  let project: Project
  let store: Store
  beforeEach(async () => {
    project = createProject()
    store = await openStore(`file:${project.folder}`)
  })
  afterEach(() => project.remove())
  return () => store
}
