export { checkContracts, type ContractCheck } from './check.js';
export { changedMeanings, unreadable, type Unreadable } from './compatibility.js';
export { consumersOf, type Consumer } from './consumers.js';
export { readContracts, type ContractFolder } from './contract-folder.js';
export { diffContract, type ContractDiff, type FieldDifference } from './diff.js';
export type { Finding } from './finding.js';
export { publish, type Publication } from './publish.js';
export { loadViews, type FoundViews, type ViewDoor } from './views.js';
