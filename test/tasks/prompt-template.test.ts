import { expect, test } from 'vitest'

import { checkTemplate, parseTemplate } from '../../src/tasks/prompt-template.ts'
import { errorOf } from '../core/error-of.ts'

const variablesOf = (text: string) => [...parseTemplate(text, 'ask').variables].toSorted()

test.each<[template: string, variables: string[]]>([
  ['plain text', []],
  ['{{ a }} and {{ b }} and {{ a }}', ['a', 'b']],
  ['{{ a | upper | trim }}', ['a']],
  ['{{ a.b.c }} {{ d["e"] }} {{ f[g] }} {{ h[0:i] }}', ['a', 'd', 'f', 'g', 'h', 'i']],
  ['{{ a.upper() }}', ['a']],
  ['{{ a if b else c }}', ['a', 'b', 'c']],
  [
    '{% if a and not b %}{{ c }}{% elif d %}{{ e }}{% else %}{{ f }}{% endif %}',
    ['a', 'b', 'c', 'd', 'e', 'f'],
  ],
  ['{% if a is defined and b is not none %}{% endif %}', ['a', 'b']],
  ['{{ a + b ~ c }} {{ -d }}', ['a', 'b', 'c', 'd']],
  ['{{ [a, (b, c)] }} {{ { "k": d } }}', ['a', 'b', 'c', 'd']],
  ['{% for x in xs %}{{ loop.index }} {{ x.name }}{% endfor %}', ['xs']],
  ['{% for x in xs %}{{ x }}{% else %}{{ none_there }}{% endfor %}', ['none_there', 'xs']],
  ['{% for x in xs if x.ok and y %}{{ x }}{% endfor %}', ['xs', 'y']],
  ['{% for key, value in xs.items() %}{{ key }}: {{ value }}{% endfor %}', ['xs']],
  ['{% set x = a %}{{ x }}', ['a']],
  ['{% set x %}{{ a }}{% endset %}{{ x }}', ['a']],
  ['{% set ns = namespace(n=0) %}{% set ns.n = a %}{{ ns.n }}', ['a']],
  ['{% macro m(p, q=r) %}{{ p }}{{ q }}{{ s }}{% endmacro %}{{ m(t) }}', ['r', 's', 't']],
  ['{% for i in range(3) %}{{ i }}{% endfor %}', []],
  ['{# a comment about {{ a }} #}{{ true }} {{ None }}', []],
])('%s reads %j', (template, variables) => {
  expect(variablesOf(template)).toEqual(variables)
})

test.each<[template: string, variables: string[]]>([
  ["{{ tags | join(', ') }}", ['tags']],
  ['{{ items | selectattr("kind", "equalto", kind) | list }}', ['items', 'kind']],
])('the name of a filter with arguments was once taken for a column: %s', (template, variables) => {
  expect(variablesOf(template)).toEqual(variables)
})

test.each<[template: string, variables: string[]]>([
  ['{% set topic = topic | upper %}{{ topic }}', ['topic']],
  ['{{ tag }}: {% for tag in tags %}{{ tag }}{% endfor %}', ['tag', 'tags']],
  ['{% for tag in tags %}{{ tag }}{% endfor %}{{ tag }}', ['tag', 'tags']],
])('a column that a template names anew once counted as unused: %s', (template, variables) => {
  expect(variablesOf(template)).toEqual(variables)
})

test('the words of operators were once taken for columns', () => {
  expect(variablesOf('{{ a and b or not c in d }}')).toEqual(['a', 'b', 'c', 'd'])
})

test('a template renders a row', () => {
  const template = parseTemplate('{% for tag in tags %}[{{ tag }}]{% endfor %} {{ name }}', 'ask')
  expect(template.render({ tags: ['a', 'b'], name: 'x' })).toBe('[a][b] x')
})

test.each(['{{ a', '{% if a %}', '{% for x %}{% endfor %}', '{{ a | }}'])(
  'the broken template %s is refused with its step',
  (text) => {
    const error = errorOf(() => parseTemplate(text, 'ask'))
    expect(error.code).toBe('template-invalid')
    expect(error.message).toMatch(/^The template of step 'ask' does not parse: .+\.$/)
    expect(error.cause).toBeInstanceOf(Error)
  },
)

test('an unknown column is refused with the nearest name and what to do', () => {
  const template = parseTemplate('{{ instrction }}', 'ask')
  const error = errorOf(() => checkTemplate(template, ['instruction'], ['system_prompt'], 'ask'))
  expect(error.code).toBe('template-invalid')
  expect(error.message).toContain("The template of step 'ask' uses 'instrction'")
  expect(error.message).toContain("Did you mean 'instruction'?")
  expect(error.message).toContain("Name it in the parameter 'columns'")
})

test('a named column that the template does not use is refused', () => {
  const template = parseTemplate('{{ topic }}', 'ask')
  const error = errorOf(() => checkTemplate(template, ['topic', 'tags', 'tone'], [], 'ask'))
  expect(error.code).toBe('template-invalid')
  expect(error.message).toContain("does not use 'tags', 'tone'")
  expect(error.message).toContain('use {{ tags }} or leave the name out')
})

test('an optional column may be used or not', () => {
  checkTemplate(parseTemplate('{{ topic }}', 'ask'), ['topic'], ['system_prompt'], 'ask')
  const both = parseTemplate('{{ topic }} {{ system_prompt }}', 'ask')
  checkTemplate(both, ['topic'], ['system_prompt'], 'ask')
})
