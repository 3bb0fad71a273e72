export { certificates, type Certificates } from './certificates.js';
export { ContainerEngines, type ContainerEngineOptions, type EnginePorts } from './container-engines.js';
export { testConnections, uniqueName, type TestConnections } from './connections.js';
export { Issuer } from './issuer.js';
