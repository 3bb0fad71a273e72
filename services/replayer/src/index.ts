export type { CommandLine, TimedCommand } from './command.js';
export { recordedCommands } from './record.js';
