export {
  ForCallers,
  ForScope,
  OpenToAll,
  operatorScopes,
  requireScope,
  writeScopeOf,
} from './doors/access.js';
export { callerOf, scopeMissing, type Caller } from './doors/caller.js';
export { DoorKeeper, type Door } from './doors/door-keeper.js';
export { Health, type HealthCheck, type HealthReport } from './health.js';
export { LivePointer } from './live-pointer.js';
export { generationHeader, LiveView } from './live-view.js';
export { logConnection } from './log-connection.js';
export { createLogger, type Logger } from './logger.js';
export { parseBody, parseQuery } from './parse.js';
export { minPositionHeader, positionHeader } from './positioned-reads.js';
export { ProcessMetrics, type ProcessMetricsOptions } from './process-metrics.js';
export { problem, problemBody, ProblemException, type Problem } from './problem.js';
export { LiveAnswer, openApiSchema, QueryParameters } from './open-api.js';
export { storeAddress } from './store-address.js';
export { createApp, LOGGER, startService, type LongLived, type ServiceOptions } from './service.js';
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
  shadowShare,
  type BuilderSettings,
  type LogSettings,
  type ProcessSettings,
  type QuerySettings,
} from './settings.js';
