export { Health, type HealthCheck, type HealthReport } from './health.js';
export { LivePointer } from './live-pointer.js';
export { generationHeader, LiveView } from './live-view.js';
export { createLogger, type Logger } from './logger.js';
export { parseBody, parseQuery } from './parse.js';
export { minPositionHeader, positionHeader } from './positioned-reads.js';
export { problem, problemBody, ProblemException, type Problem } from './problem.js';
export { LiveAnswer, openApiSchema, QueryParameters } from './open-api.js';
export { LOGGER, startService, type LongLived, type ServiceOptions } from './service.js';
export { ViewDirectory } from './view-directory.js';
export {
  builderSettings,
  logSettings,
  parseSettings,
  processSettings,
  querySettings,
  readConfig,
  redacted,
  SettingsError,
  type BuilderSettings,
  type LogSettings,
  type ProcessSettings,
  type QuerySettings,
} from './settings.js';
