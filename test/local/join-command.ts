import { connectEmbeddedServer } from '../../src/local/embedded-server.ts'
import { readServerFile } from '../../src/local/keeper/server-file.ts'

// A command that joins the server of a folder, tells what it found, and stays until its input ends.
const folder = process.argv[2] ?? ''
const { address } = await connectEmbeddedServer({ folder })
console.log(JSON.stringify({ address, file: readServerFile(folder) }))
process.stdin.on('end', () => process.exit()).resume()
