import { defineTask, system, user } from 'retort'
import { z } from 'zod'

import { exampleAnswer } from './example-answer.ts'

const setter = `You set programming exercises for working engineers, and you solve each exercise that you set. \
An exercise of yours can be understood by somebody who sees nothing but its text, and your solutions run as they stand.`

const request = (
  snippet: string,
) => `Here are a few lines of a real source file; they may begin and end anywhere.

${fenced(snippet)}

Let something in these lines (an idea, a data structure, an interface, a pitfall) lead you to a programming exercise. \
It need not have to do with the program that they come from, and whoever solves it will never see them.

Answer in two sections, each below its marker, which stands alone on a line:

[Problem Description]
The whole exercise: what is given, what is wanted, and the rules and limits that hold, with an example of input and output where that helps. Leave nothing to be looked up or guessed.

[Solution]
One solution that does everything that the description asks for: complete code in a fenced block, and a few sentences about why it is right.`

/**
 * Makes a programming problem and its solution out of a snippet of code, as OSS-Instruct does.
 *
 * Source: Magicoder (https://arxiv.org/abs/2312.02120); the prompt is in words of its own.
 */
export const ossInstruct = defineTask({
  type: 'OSSInstruct',
  papers: ['2312.02120'],
  inputs: z.object({ code_snippet: z.string() }),
  outputs: z.object({ problem: z.string(), solution: z.string() }),
  formatInput: ({ code_snippet }) => [system(setter), user(request(code_snippet))],
  formatOutput(text) {
    const answer = text.replaceAll('\r\n', '\n').replace(/^\s*<think>.*?<\/think>/s, '')
    const [, described] = splitAt(answer, 'Problem Description')
    const [problem, solution] = splitAt(described, 'Solution')
    return {
      problem: filled(problem, 'Problem Description'),
      solution: filled(solution, 'Solution'),
    }
  },
  example: ({ code_snippet }) => exampleAnswer(code_snippet),
})

/** What stands before and behind the line that marks a section; markdown around the marker and its case don't matter. */
function splitAt(text: string, section: string): [before: string, behind: string] {
  const name = section.replace(' ', String.raw`[\s_-]*`)
  const inBrackets = String.raw`^[ \t>#*_\d.)-]*\[\s*${name}\s*\][*_]*:?[*_]*`
  const asHeading = String.raw`^[ \t]*(?:#+|\*\*|__)[ \t*_\d.)]*${name}[*_]*:?[*_]*[ \t]*#*$`
  const marker = new RegExp(`${inBrackets}|${asHeading}`, 'im').exec(text)
  if (marker === null) throw new Error(`The answer has no section '[${section}]'.`)
  return [text.slice(0, marker.index), text.slice(marker.index + marker[0].length)]
}

function filled(section: string, name: string): string {
  // Some models draw a line between the sections.
  const text = section.replace(/\n\s*(?:-{3,}|\*{3,}|_{3,})\s*$/, '').trim()
  if (text === '') throw new Error(`The answer has nothing in its section '[${name}]'.`)
  return text
}

/** The snippet in a fence that is longer than any in it. */
function fenced(snippet: string): string {
  const longest = Math.max(2, ...[...snippet.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${snippet}\n${fence}`
}
