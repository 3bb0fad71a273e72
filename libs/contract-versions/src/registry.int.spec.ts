import { describe, expect, test } from '@jest/globals';
import type { AvroRecordSchema, StreamContract } from '@reprise/contracts';
import { provisionStreams } from '@reprise/log';
import { testConnections, uniqueName } from '@reprise/testing';
import { changes } from '../test/changes.js';

/** Whether a registry that knows the one takes the other; asked directly, as the client has an opinion of its own. */
async function registryTakes(before: AvroRecordSchema, after: AvroRecordSchema): Promise<boolean> {
  const { kafkaBrokers, registryUrl } = testConnections();
  const topic = uniqueName('change');
  const subject = `${topic}-value`;
  const contract: StreamContract<unknown> = {
    ...{ name: 'parcel', topic, subject, partitions: 1, retention: 'compacted', schema: before },
    settings: { 'cleanup.policy': 'compact' },
  };
  await provisionStreams({ contract }, { brokers: kafkaBrokers, registryUrl });
  const { status, statusText } = await fetch(`${registryUrl}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify(after) }),
  });
  if (status === 200) return true;
  // Incompatible; no Avro.
  if (status === 409 || status === 422) return false;
  throw new Error(`the registry answered ${status} ${statusText}`);
}

describe('the registry says the same of a change, but for what it does not look at', () => {
  test.each(changes.map((change) => [change.name, change] as const))(
    '%s',
    async (_, { before, after, verdict, registryTakesIt }) => {
      const isTaken = await registryTakes(before, after);
      expect(isTaken).toBe(verdict === 'compatible' || registryTakesIt !== undefined);
    },
  );
});
