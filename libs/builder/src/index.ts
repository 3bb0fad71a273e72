export { Builder, type BuilderOptions } from './builder.js';
export {
  GenerationRunner,
  type GenerationProgress,
  type GenerationRunnerOptions,
  type PoisonRecord,
} from './generation-runner.js';
export { runBuilder } from './run-builder.js';
