export {
  LocalEngines,
  startEngines,
  type EngineName,
  type EngineOptions,
  type RunningEngines,
} from './engines/local-engines.js';
export type { EngineConnections } from './engines/engine.js';
export { StartFailure } from './failure.js';
export { provisionBeside, provisionServices, type PlatformOptions } from './platform.js';
export { PidFile } from './pid-file.js';
export { isFree } from './ports.js';
export { Supervisor, type SupervisedSpec } from './supervisor.js';
export { provision } from './provision.js';
export { besidePort, servicePorts, topology, type ExtraBuilders, type VersionBeside } from './topology.js';
