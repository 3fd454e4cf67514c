#!/usr/bin/env node
// Plain JavaScript that old versions of Node can read: it has to say what to install instead of failing to parse.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const oldestNode = [22, 19]

if (isNewEnough(process.versions.node)) start()
else {
  const bundled = bundledNode()
  if (bundled === undefined)
    fail(
      `Retort needs Node ${oldestNode.join('.')} or newer, and this is ${process.versions.node}; install a newer one (https://nodejs.org), or add it to the project with: npm install --save-dev node@24`,
    )
  else rerun(bundled)
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
}

/** The binary of the package `node`, where one that is new enough is installed beside this package. */
function bundledNode() {
  try {
    const manifest = nodeModule.createRequire(import.meta.url).resolve('node/package.json')
    if (!isNewEnough(JSON.parse(readFileSync(manifest, 'utf8')).version)) return undefined
    const names = process.platform === 'win32' ? ['node.exe'] : ['node']
    return names.map((name) => join(dirname(manifest), 'bin', name)).find(existsSync)
  } catch {
    return undefined
  }
}

function rerun(node) {
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' })
  // Ctrl-C in a terminal reaches the child too, which takes two signals at almost one time for one.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const passOn = (signal) => child.kill(signal)
  for (const signal of signals) process.on(signal, passOn)
  child.on('error', (error) => fail(`Node at ${node} cannot be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    for (const each of signals) process.removeListener(each, passOn)
    if (signal === null) process.exit(code)
    else process.kill(process.pid, signal)
  })
}

function start() {
  const main = new URL('../dist/src/cli/main.js', import.meta.url)
  if (!existsSync(fileURLToPath(main))) {
    fail('Retort is not built in this folder: run `npm run build` there first.')
    return
  }
  hideExperimentalWarnings()
  nodeModule.enableCompileCache()
  void import(main.href).then(({ main: run }) => run())
}

/** What Node says of type stripping and zstd is nothing that a user can act on. */
function hideExperimentalWarnings() {
  const listeners = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') for (const listener of listeners) listener(warning)
  })
}

function fail(sentence) {
  process.stderr.write(`error: ${sentence}\n`)
  process.exitCode = 2
}
