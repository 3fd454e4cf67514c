/** An answer as a model could give it: a little problem about the words of the snippet, and its solution. */
export function exampleAnswer(snippet: string): string {
  const words = [...new Set(snippet.match(/[A-Za-z_]\w{2,}/g) ?? ['alpha', 'beta'])].slice(0, 4)
  const [first = ''] = words
  const names = words.map((word) => `\`${word}\``).join(', ')
  return `[Problem Description]
A team wants to know how often it uses certain names. Write a function \`countNames(text)\` that takes a text and returns an object with these keys: ${names}. Each key's value is how often that name occurs in the text as a whole word; a word is a run of letters, digits and underscores, and case matters. A name that does not occur has the value 0.

For example, \`countNames('${first} ${first}s ${first}').${first}\` is 2.

[Solution]
\`\`\`js
export function countNames(text) {
  const counts = Object.fromEntries(${JSON.stringify(words)}.map((name) => [name, 0]))
  for (const word of text.match(/\\w+/g) ?? []) {
    if (Object.hasOwn(counts, word)) counts[word] += 1
  }
  return counts
}
\`\`\`
Every name begins at 0, so that those that never occur are there too. The pattern takes each longest run of word characters, so that a name inside of a longer word does not count.
`
}
