export { holdPipeline } from './hold-pipeline.ts'
export { limitGroup } from './limit-group.ts'
export { runLane } from './run-lane.ts'
export { runPipeline } from './run-pipeline.ts'
