import { Client, Connection } from '@temporalio/client'

import { connectEmbeddedServer } from '../../src/local/embedded-server.ts'

/** A client of the embedded server of a project, which it keeps going until it is closed. */
export interface LiveServer {
  readonly client: Client
  close(): Promise<void>
}

/** Connects to the embedded server of a project's folder. */
export async function connectLiveServer(projectFolder: string): Promise<LiveServer> {
  const server = await connectEmbeddedServer({ folder: `${projectFolder}/.retort` })
  const connection = await Connection.connect({ address: server.address })
  return {
    client: new Client({ connection, namespace: server.namespace }),
    async close() {
      await connection.close()
      server.close()
    },
  }
}
