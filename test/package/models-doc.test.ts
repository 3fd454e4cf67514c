import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { modelsDoc } from '../../infra/build/models-doc.ts'

const page = readFileSync(new URL('../../docs/models.md', import.meta.url), 'utf8')

test('the page of models says what their definitions say', () => {
  const isTrue = page === modelsDoc()
  expect(
    isTrue,
    'docs/models.md is behind: write it anew, node infra/build/write-models-doc.ts',
  ).toBe(true)
})

test('every link of the page of models leads somewhere', () => {
  const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading.toLowerCase().replaceAll(' ', '-'),
  )
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, to = '']) => to)
  expect(links.length).toBeGreaterThan(30)
  expect(new Set(headings).size).toBe(headings.length)
  for (const to of links) expect(headings).toContain(to)
})
