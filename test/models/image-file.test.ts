import { afterAll, beforeAll, expect, test } from 'vitest'

import type { DispatcherFetch } from '../../src/models/http/dispatcher-fetch.ts'
import { createDispatcherFetch } from '../../src/models/http/dispatcher-fetch.ts'
import { downloadImage, mostImageBytes, toImageFile } from '../../src/models/image-file.ts'
import { toMilliseconds } from '../../src/models/model-params.ts'
import { png } from './images.ts'
import type { RouteServer } from './servers/route-server.ts'
import { startRouteServer } from './servers/route-server.ts'

let http: DispatcherFetch
let web: RouteServer

beforeAll(async () => {
  http = createDispatcherFetch({}, toMilliseconds())
  web = await startRouteServer(({ path }, url) => {
    if (path === '/image') return { body: png }
    if (path === '/round') return { status: 302, headers: { location: `${url}/round` }, body: '' }
    if (path === '/relative') return { status: 307, headers: { location: 'image' }, body: '' }
    if (path === '/file') return { status: 301, headers: { location: 'file:///x' }, body: '' }
    if (path === '/busy') return { status: 503, body: 'Later' }
    if (path === '/page') return { body: '<html>Hi</html>' }
    if (path === '/large') return { body: Buffer.alloc(mostImageBytes + 1) }
    return { status: 404, body: 'none' }
  })
})
afterAll(async () => {
  await http.close()
  await web.close()
})

test.for(['/image', '/relative'])('an image at %s is downloaded', async (path) => {
  const found = await downloadImage(http, `${web.url}${path}`, undefined)
  expect(found).toEqual({ bytes: expect.anything(), mediaType: 'image/png' })
  expect('bytes' in found && Buffer.from(found.bytes).equals(png)).toBe(true)
})

test.for([
  ['/gone', 'was answered with 404', false],
  ['/busy', 'was answered with 503', true],
  ['/page', 'is no PNG, JPEG, WebP or GIF image', false],
  ['/large', 'is larger than the 50 MB that an image may have', false],
  ['/round', 'sends callers on and on', false],
  ['/file', 'has no address of the web', false],
] as const)('what is at %s is no image: it %s', async ([path, why, mayCome]) => {
  expect(await downloadImage(http, `${web.url}${path}`, undefined)).toEqual({ why, mayCome })
})

test('what is nowhere may come, and a signal ends the waiting', async () => {
  expect(await downloadImage(http, 'http://127.0.0.1:1/image', undefined)).toEqual({
    why: 'could not be loaded (ECONNREFUSED)',
    mayCome: true,
  })
  const reason = new Error('cancelled')
  const asked = downloadImage(http, `${web.url}/image`, AbortSignal.abort(reason))
  await expect(asked).rejects.toBe(reason)
})

test('no bytes and too many are no image', () => {
  expect(toImageFile(Buffer.alloc(0))).toMatchObject({ why: 'is empty' })
  expect(toImageFile(Buffer.concat([png, Buffer.alloc(mostImageBytes)]))).toMatchObject({
    why: expect.stringContaining('50 MB'),
  })
})
