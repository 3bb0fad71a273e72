import { describe, expect, test } from '@jest/globals';
import type { AvroRecordSchema, StreamContract } from '@reprise/contracts';
import { CodedError } from '@reprise/kernel';
import { provisionStreams } from '@reprise/log';
import { testConnections, uniqueName } from '@reprise/testing';
import { changes } from '../test/changes.js';

/** Whether a registry that knows the one takes the other, by the door that deployments go through. */
async function registryTakes(before: AvroRecordSchema, after: AvroRecordSchema): Promise<boolean> {
  const { kafkaBrokers, registryUrl } = testConnections();
  const topic = uniqueName('change');
  const contract = (
    schema: AvroRecordSchema,
    earlierSchemas: readonly AvroRecordSchema[],
  ): StreamContract<unknown> => ({
    ...{ name: 'parcel', topic, subject: `${topic}-value`, partitions: 1 },
    ...{ retention: 'compacted', settings: { 'cleanup.policy': 'compact' }, schema, earlierSchemas },
  });
  const target = { brokers: kafkaBrokers, registryUrl };
  await provisionStreams({ parcel: contract(before, []) }, target);
  try {
    await provisionStreams({ parcel: contract(after, [before]) }, target);
    return true;
  } catch (failure) {
    if (failure instanceof CodedError && failure.code === 'contract-refused') return false;
    throw failure;
  }
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
