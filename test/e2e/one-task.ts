/** A pipeline of one task over so many prompts, as JSON. */
export function oneTask(
  rows: number,
  baseURL: string,
  maxConcurrency: number,
  inputBatchSize = 20,
): { rows: string; spec: string } {
  const spec = {
    version: 1,
    name: 'one-task',
    steps: [
      { name: 'load', type: 'LoadDataFromFileSystem', params: { dataFiles: 'prompts.jsonl' } },
      {
        name: 'answer',
        type: 'TextGeneration',
        after: ['load'],
        params: {
          llm: {
            type: 'OpenAILLM',
            params: { model: 'fake', baseURL, apiKeyEnv: 'FAKE_KEY' },
            limits: { maxConcurrency },
          },
          inputBatchSize,
        },
      },
    ],
  }
  const lines = Array.from({ length: rows }, (_, index) =>
    JSON.stringify({ id: index, instruction: `Prompt ${index}: say why.` }),
  )
  return { rows: `${lines.join('\n')}\n`, spec: JSON.stringify(spec) }
}
