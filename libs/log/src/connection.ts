import { Kafka, logLevel, type logCreator, type SASLOptions } from 'kafkajs';
import { framedSocket } from './framed-socket.js';

/** How to reach the log. */
export interface LogConnection {
  readonly brokers: readonly string[];
  /** Base address of the schema registry (Confluent-compatible API). */
  readonly registryUrl: string;
  /** Names this process to the broker, for its quotas and its log. */
  readonly clientId: string;
  /** The brokers are reached by TLS; by what they are believed, and what we show them. PEM. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** How we tell the brokers who we are. */
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** By what an https registry is believed, PEM. Default: by what Node knows. */
  readonly registryCa?: string;
  readonly registryAuth?: { readonly username: string; readonly password: string };
  /** Receives the client's own warnings. Default: dropped; failures reach the caller as errors all the same. */
  readonly onWarning?: (message: string, details: object) => void;
  /** Told why a start waits: the broker or the registry is away. */
  readonly onAway?: (reason: string) => void;
}

export function connectKafka({ brokers, clientId, onWarning, tls, sasl }: LogConnection): Kafka {
  const creator: logCreator = () => (entry) => {
    const { message, ...details } = entry.log;
    onWarning?.(message, details);
  };
  return new Kafka({
    brokers: [...brokers],
    clientId,
    ...(tls && { ssl: { ...tls } }),
    ...(sasl && { sasl: saslOptions(sasl) }),
    logLevel: logLevel.WARN,
    logCreator: creator,
    connectionTimeout: 3_000,
    socketFactory: framedSocket,
    retry: { initialRetryTime: 100, maxRetryTime: 5_000, retries: 8 },
  });
}

/** The client's type tells the mechanisms apart, though they take the same. */
function saslOptions({ mechanism, ...login }: NonNullable<LogConnection['sasl']>): SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism, ...login };
    case 'scram-sha-256':
      return { mechanism, ...login };
    case 'scram-sha-512':
      return { mechanism, ...login };
  }
}
