import { Kafka, logLevel, type logCreator } from 'kafkajs';

/** How to reach the log. */
export interface LogConnection {
  readonly brokers: readonly string[];
  /** Base address of the schema registry (Confluent-compatible API). */
  readonly registryUrl: string;
  /** Names this process to the broker, for its quotas and its log. */
  readonly clientId: string;
  /** Receives the client's own warnings. Default: dropped; failures reach the caller as errors all the same. */
  readonly onWarning?: (message: string, details: object) => void;
  /** Told why a start waits: the broker or the registry is away. */
  readonly onAway?: (reason: string) => void;
}

export function connectKafka({ brokers, clientId, onWarning }: LogConnection): Kafka {
  const creator: logCreator = () => (entry) => {
    const { message, ...details } = entry.log;
    onWarning?.(message, details);
  };
  return new Kafka({
    brokers: [...brokers],
    clientId,
    logLevel: logLevel.WARN,
    logCreator: creator,
    connectionTimeout: 3_000,
    retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries: 8 },
  });
}
