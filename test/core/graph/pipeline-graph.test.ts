import { expect, test } from 'vitest'

import { toGraph } from '../../../src/core/graph/pipeline-graph.ts'

test('a graph has a node for each step and for each part of the dataset', () => {
  const graph = toGraph([
    { name: 'load', type: 'Load', kind: 'generator' },
    { name: 'ask', type: 'Ask', after: ['load'], kind: 'map', model: 'm' },
    { name: 'count', type: 'Count', after: ['load'], kind: 'map' },
  ])
  expect(graph.nodes).toEqual([
    { id: 's0', kind: 'generator', name: 'load', details: ['Load'] },
    { id: 's1', kind: 'task', name: 'ask', details: ['Ask', 'm'] },
    { id: 's2', kind: 'map', name: 'count', details: ['Count'] },
    { id: 'd0', kind: 'dataset', name: 'ask', details: ['dataset'] },
    { id: 'd1', kind: 'dataset', name: 'count', details: ['dataset'] },
  ])
  expect(graph.edges.map(({ from, to }) => `${from}${to}`)).toEqual([
    's0s1',
    's0s2',
    's1d0',
    's2d1',
  ])
})

test('where kinds are not known, they are told from the edges', () => {
  const { nodes } = toGraph([
    { name: 'load', type: 'A' },
    { name: 'one', type: 'B', after: ['load'] },
    { name: 'two', type: 'B', after: ['load'], model: 'm' },
    { name: 'both', type: 'C', after: ['one', 'two'] },
    { name: 'all', type: 'D', after: ['both'], kind: 'global' },
  ])
  expect(nodes.map(({ kind }) => kind)).toEqual([
    'generator',
    'map',
    'task',
    'join',
    'global',
    'dataset',
  ])
})
