import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PidFile } from '@reprise/infra';

/** What a broker's process can be told from outside. */
export interface BrokerProcess {
  /** It answers nobody any more, and keeps its connections. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

/**
 * The broker of this test run, a container or a local process.
 * @throws RangeError when neither is known.
 */
export function brokerProcess(stateDir: string): BrokerProcess {
  const project = process.env['REPRISE_TEST_COMPOSE_PROJECT'];
  if (project !== undefined) return container(project);
  const broker = new PidFile(join(stateDir, 'pids/kafka.json')).alive();
  if (!broker) throw new RangeError('no broker is known that runs');
  const signal = (name: NodeJS.Signals) => (): Promise<void> => {
    process.kill(broker.pid, name);
    return Promise.resolve();
  };
  return { freeze: signal('SIGSTOP'), thaw: signal('SIGCONT') };
}

function container(project: string): BrokerProcess {
  const run = promisify(execFile);
  const told = (verb: string) => async (): Promise<void> => {
    await run('docker', ['compose', '--project-name', project, verb, 'kafka']);
  };
  return { freeze: told('pause'), thaw: told('unpause') };
}
