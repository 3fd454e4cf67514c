import { expect, test } from 'vitest'

import { toMermaid } from '../../../src/core/graph/mermaid.ts'
import { toGraph } from '../../../src/core/graph/pipeline-graph.ts'

test('each kind of node has a shape of its own', () => {
  const graph = toGraph([
    { name: 'load', type: 'Load' },
    { name: 'ask', type: 'Ask', after: ['load'], model: 'gpt-4o-mini' },
    { name: 'trim', type: 'Trim', after: ['load'] },
    { name: 'both', type: 'Join', after: ['ask', 'trim'] },
    { name: 'all', type: 'Sort', after: ['both'], kind: 'global' },
  ])
  expect(toMermaid(graph)).toBe(`flowchart TD
  s0[/"load<br/>Load"/]
  s1(["ask<br/>Ask<br/>gpt-4o-mini"])
  s2["trim<br/>Trim"]
  s3{{"both<br/>Join"}}
  s4[["all<br/>Sort"]]
  d0[("all<br/>dataset")]
  s0 --> s1
  s0 --> s2
  s1 --> s3
  s2 --> s3
  s3 --> s4
  s4 --> d0
`)
})

test('rows go along dotted arrows where a route sends them', () => {
  const text = toMermaid(
    toGraph([
      { name: 'load', type: 'Load', route: { type: 'SampleSteps', params: { size: 1 } } },
      { name: 'a', type: 'A', after: ['load'] },
      { name: 'b', type: 'B', after: ['load'] },
    ]),
  )
  expect(text).toContain('s0[/"load<br/>Load<br/>route: SampleSteps"/]')
  expect(text).toContain('  s0 -.-> s1\n  s0 -.-> s2\n  s1 --> d0\n')
})

test('what could end a label, a block or be markup is written as numbers', () => {
  const model = 'a"b`c\n```<img>%%{init}#1;\\&'
  const text = toMermaid(toGraph([{ name: 'load', type: 'Grüße 世界', model }]))
  expect(text).toContain('Grüße 世界')
  const label = text.split('\n')[1] ?? ''
  expect(label.replaceAll('<br/>', '').match(/"/g)).toHaveLength(2)
  expect(label.replaceAll('<br/>', '')).not.toMatch(/[`<>%{}\\&]/)
  const shown = label
    .slice(label.indexOf('"') + 1, label.lastIndexOf('"'))
    .replaceAll(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
  expect(shown.split('<br/>').at(-1)).toBe('a"b`c ```<img>%%{init}#1;\\&')
})
