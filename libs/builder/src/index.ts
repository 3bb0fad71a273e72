export { Builder, type BuilderOptions } from './builder.js';
export {
  GenerationRunner,
  type GenerationProgress,
  type GenerationRunnerOptions,
} from './generation-runner.js';
export { runBuilder } from './run-builder.js';
export { FollowedStreams, type FollowedStreamsOptions } from './references/joined-streams.js';
