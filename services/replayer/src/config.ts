import { readFileSync } from 'node:fs';

/**
 * The access token that goes along with every request, asked for anew each time, as a file may be renewed during a long replay.
 * @throws Error when the file cannot be read.
 */
export function tokenSource(
  tokenFile: string | undefined,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): () => string | undefined {
  const given = variables['REPRISE_TOKEN'];
  return tokenFile === undefined ? () => given : () => readFileSync(tokenFile, 'utf8').trim();
}
