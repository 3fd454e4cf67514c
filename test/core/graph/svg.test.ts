import { expect, test } from 'vitest'

import { toGraph } from '../../../src/core/graph/pipeline-graph.ts'
import { toSvg } from '../../../src/core/graph/svg.ts'

const graph = toGraph([
  { name: 'load', type: 'Load' },
  { name: 'ask', type: 'Ask', after: ['load'], model: '<b>"R&D"\u0007</b>' },
  { name: 'far', type: 'Join', after: ['ask', 'load'] },
])

test('a picture names every node, and has an arrow for every edge', () => {
  const svg = toSvg(graph, 'Pipeline x')
  expect(svg).toContain('<title>Pipeline x</title>')
  expect(svg.match(/marker-end/g)).toHaveLength(graph.edges.length)
  for (const kind of ['generator', 'task', 'join', 'dataset'])
    expect(svg.match(new RegExp(`<path class="${kind}"`, 'g'))).toHaveLength(1)
  expect(svg).not.toMatch(/NaN|undefined/)
})

test('names cannot break out of their text', () => {
  const svg = toSvg(graph, 'a <& b')
  expect(svg).toContain('&lt;b&gt;&quot;R&amp;D&quot; &lt;/b&gt;')
  expect(svg).toContain('<title>a &lt;&amp; b</title>')
  expect(svg).not.toContain('<b>')
})

test('very long names are cut in the box and whole in its title', () => {
  const name = 'n'.repeat(200)
  const svg = toSvg(toGraph([{ name, type: 'Load' }]), 'long')
  expect(svg).toContain(`${'n'.repeat(43)}…</text>`)
  expect(svg).toContain(`<title>${name}\nLoad</title>`)
})
