import { join } from 'node:path'
import { identityOf } from '../../storage/process-identity.ts'
import { takeLock } from './keeper-lock.ts'
import type { KeeperOptions } from './keeper-options.ts'
import { runKeeper } from './keeper.ts'

const options: KeeperOptions = JSON.parse(process.argv[2] ?? '')
const self = identityOf()
if (takeLock(join(options.folder, 'keeper.lock'), self)) await runKeeper(options, self)
process.exit()
