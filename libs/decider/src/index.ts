export { isRefusal, refuse, type Decider, type Decision, type DomainEvent, type Refusal } from './decider.js';
export { scenario } from './scenario.js';
