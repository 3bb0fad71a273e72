import { readEnvironment } from './config.js';
import { CliError } from './control-plane-client.js';
import { program } from './program.js';

try {
  await program(readEnvironment(), process.stdout).parseAsync();
} catch (failure) {
  if (!(failure instanceof CliError)) throw failure;
  process.stderr.write(`reprise: ${failure.message}\n`);
  process.exitCode = 1;
}
