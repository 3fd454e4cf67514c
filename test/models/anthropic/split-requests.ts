/** A request within a batch. */
export interface BatchRequest {
  readonly custom_id: string
  readonly params: object
}

const opening = '{"requests":['
const between = ',{"custom_id":'

/** Reads the requests of a batch's body one by one; fails where the whole is not the JSON that it should be. */
export async function* splitRequests(body: AsyncIterable<unknown>): AsyncGenerator<BatchRequest> {
  const decoder = new TextDecoder()
  let text = ''
  let isFirst = true
  for await (const piece of body) {
    text += decoder.decode(piece as Uint8Array, { stream: true })
    if (isFirst && text.length < opening.length) continue
    if (isFirst) text = withoutOpening(text)
    isFirst = false
    for (let end = text.indexOf(between); end !== -1; end = text.indexOf(between)) {
      yield JSON.parse(text.slice(0, end)) as BatchRequest
      text = text.slice(end + 1)
    }
  }
  if (!text.endsWith(']}')) throw new Error('The body of a batch does not end.')
  if (text !== ']}') yield JSON.parse(text.slice(0, -2)) as BatchRequest
}

function withoutOpening(text: string): string {
  if (!text.startsWith(opening)) throw new Error('The body of a batch does not begin.')
  return text.slice(opening.length)
}
