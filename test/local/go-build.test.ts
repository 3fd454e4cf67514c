import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { buildGoProgram } from '../../src/local/go-build.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retort-go-'))
  await mkdir(join(folder, 'module'))
  await writeFile(join(folder, 'module', 'go.mod'), 'module example.com/hello\n\ngo 1.21\n')
  // Go would not compile again what it compiled in an earlier run of this test.
  await write(`package main\n\nfunc main() { println("${randomUUID()}") }\n`)
  vi.stubEnv('RETORT_CACHE', join(folder, 'cache'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

async function write(source: string): Promise<void> {
  await writeFile(join(folder, 'module', 'main.go'), source)
}

async function build(onProgress?: (line: string) => void): Promise<string> {
  const program = { package: '.', name: 'hello', version: '1.0.0' }
  const moduleDir = join(folder, 'module')
  return await buildGoProgram({ ...program, moduleDir, ...(onProgress && { onProgress }) })
}

test('a program is built once, also when several ask at once, and nothing else stays', async () => {
  const lines: string[] = []
  const paths = await Promise.all([1, 2, 3].map(() => build((line) => lines.push(line))))
  expect(new Set(paths)).toEqual(new Set([join(folder, 'cache', 'bin', 'hello-1.0.0')]))
  expect(lines.filter((line) => line === 'example.com/hello')).toHaveLength(1)
  expect(await readdir(join(folder, 'cache', 'bin'))).toEqual(['hello-1.0.0'])
  expect(() => execFileSync(paths[0] ?? '', { stdio: 'ignore' })).not.toThrow()
  vi.stubEnv('PATH', '')
  expect(await build()).toBe(paths[0])
}, 300_000)

test('a build that fails says what the compiler said, and can be tried again', async () => {
  await write('package main\n\nfunc main() { nothing() }\n')
  await expect(build()).rejects.toMatchObject({
    code: 'package-missing',
    message: expect.stringMatching(/^Building hello 1\.0\.0 with .* failed: .*undefined: nothing/),
  })
  expect(await readdir(join(folder, 'cache', 'bin'))).toEqual([])
}, 300_000)

test('without Go the error says where to get it', async () => {
  vi.stubEnv('PATH', folder)
  await expect(build()).rejects.toMatchObject({
    code: 'package-missing',
    message: expect.stringContaining('https://go.dev/dl'),
  })
})
