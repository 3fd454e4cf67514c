export type { ContractCase } from './contract-case.ts'
export { embeddingsContract } from './embeddings-contract.ts'
export { imagesContract } from './images-contract.ts'
export { llmContract } from './llm-contract.ts'
