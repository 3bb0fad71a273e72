// Generated from schemas/ by generate.mjs. Do not edit.

import type { StreamContract } from '../stream.js';

export interface Aircraft {
  /** Tail number, as N14228. */
  readonly tailnum: string;
  /** Year of manufacture. */
  readonly year: null | number;
  /** Kind of aircraft. */
  readonly type: null | string;
  /** Maker. */
  readonly manufacturer: null | string;
  /** Model. */
  readonly model: null | string;
  /** Number of engines. */
  readonly engines: null | number;
  /** Number of seats. */
  readonly seats: null | number;
  /** Kind of engine. */
  readonly engine: null | string;
}

export interface Airline {
  /** IATA code of the carrier, as UA. */
  readonly carrier: string;
  /** Name of the carrier. */
  readonly name: string;
}

export interface Airport {
  /** FAA code, as JFK. */
  readonly faa: string;
  /** Name of the airport. */
  readonly name: string;
  /** Degrees north. */
  readonly latitude: null | number;
  /** Degrees east. */
  readonly longitude: null | number;
  /** Feet above sea level. */
  readonly altitudeFeet: null | number;
  /** IANA time zone, as America/New_York. */
  readonly timeZone: null | string;
}

export interface PartitionReport {
  /** topic/partition. */
  readonly partition: string;
  /** Next offset to apply: everything below is visible to readers; of a generation that is not live, applied. */
  readonly nextOffset: number;
  /** End of the partition as last seen. */
  readonly endOffset: number;
}

export interface ReportedDifference {
  /** row or group. */
  readonly kind: string;
  /** Key of the entity; empty for a group. */
  readonly entity: string;
  /** Key of the row; of a group its columns as JSON. */
  readonly key: string;
  /** What the log says, as JSON; null: it must not be there. */
  readonly expected: null | string;
  /** What the store holds, as JSON; null: it is not there. */
  readonly actual: null | string;
}

export interface VerificationReport {
  /** The check that it answers. */
  readonly id: number;
  /** False while it runs. */
  readonly isDone: boolean;
  /** What it does: reading the log, reading the store, comparing, mending. */
  readonly phase: string;
  /** 0 to 100, of all phases. */
  readonly percent: number;
  /** Entities of the log that were compared. */
  readonly entitiesChecked: number;
  /** Rows and groups that are not what the log says they must be. */
  readonly differences: number;
  /** Of these, how many were mended. */
  readonly repaired: number;
  /** Why it could not be carried through. */
  readonly problem: null | string;
  /** The first differences. */
  readonly samples: readonly ReportedDifference[];
}

export interface GenerationReport {
  /** Number of the generation. */
  readonly number: number;
  /** Records read by this process since it started. */
  readonly recordsRead: number;
  /** Rate over the last seconds. */
  readonly recordsPerSecond: number;
  /** All that it held in its store is gone. */
  readonly dropped: boolean;
  /** What keeps it from going on. */
  readonly problem: null | string;
  /** The partitions that this process owns. */
  readonly partitions: readonly PartitionReport[];
  /** What this process does for it: loading, sealing, feeding, verifying, paused; before a flip that was announced: still (the live one: nothing of it changes for a moment) or approaching (the one to go live: its offsets are what readers see). */
  readonly phase: string;
  /** How far this process is with a check that was asked for. */
  readonly verification: null | VerificationReport;
}

export interface BuilderReport {
  /** view/instance: one running builder process. */
  readonly instance: string;
  /** Name of the view. */
  readonly view: string;
  /** Version of the definition that it runs. */
  readonly definitionVersion: number;
  /** Topics the view is built from. */
  readonly sourceTopics: readonly string[];
  /** The generations that it runs. */
  readonly generations: readonly GenerationReport[];
  /** Hash of the code of the definition that it runs. */
  readonly fingerprint: string;
}

export interface DeadLetter {
  /** generation/topic/partition/offset, as flight_search_g3/flights.flight/2/1001. */
  readonly letterId: string;
  /** Name of the view. */
  readonly view: string;
  /** Number of the generation that set it aside. */
  readonly generation: number;
  /** topic/partition that the record came from. */
  readonly partition: string;
  /** Its offset there. */
  readonly offset: number;
  /** Key of its entity. */
  readonly key: string;
  /** Version of the entity that it tells; null when nothing says so. */
  readonly entityVersion: null | number;
  /** open, waiting (behind an open one of its entity), redriven, superseded or discarded. */
  readonly status: string;
  /** What kind of failure it was, as record-undecodable. */
  readonly code: string;
  /** Why it was set aside, in words. */
  readonly cause: string;
  /** How often it was tried. */
  readonly attempts: number;
  /** When it was set aside; epoch milliseconds, UTC. */
  readonly parkedAt: number;
  /** Its value, as the log has it; null when there is none. */
  readonly record: null | Uint8Array;
  /** Its whole content as JSON, cut when it is long; null when it cannot be decoded. */
  readonly decoded: null | string;
  /** Version of the entity that the generation held when the record was set aside; 0 for none. */
  readonly appliedVersion: number;
  /** The last request about it that was carried out. */
  readonly handledRequest: null | string;
  /** When it was closed; epoch milliseconds, UTC. */
  readonly closedAt: null | number;
  /** Who closed it. */
  readonly closedBy: null | string;
  /** Why it was closed, in words. */
  readonly closedReason: null | string;
}

export type FlightStatus = 'unknown' | 'scheduled' | 'departed' | 'arrived' | 'cancelled' | 'diverted';

export interface Flight {
  /** date-carrierNumber-origin, as 2013-01-01-UA1545-EWR. */
  readonly flightId: string;
  /** Local date of the scheduled departure, YYYY-MM-DD. */
  readonly date: string;
  /** IATA code of the carrier. */
  readonly carrier: string;
  /** Flight number. */
  readonly number: number;
  /** FAA code of the origin. */
  readonly origin: string;
  /** FAA code of the destination. */
  readonly destination: string;
  /** Tail number of the aircraft. */
  readonly tailnum: null | string;
  /** Epoch milliseconds, UTC. */
  readonly scheduledDeparture: number;
  /** Offset of the origin's local time from UTC at the scheduled departure, in minutes. */
  readonly utcOffsetMinutes: number;
  /** Epoch milliseconds, UTC. */
  readonly scheduledArrival: null | number;
  /** Distance in miles. */
  readonly distanceMiles: null | number;
  /** Where the flight stands. */
  readonly status: FlightStatus;
  /** Epoch milliseconds, UTC. */
  readonly departedAt: null | number;
  /** Epoch milliseconds, UTC. */
  readonly arrivedAt: null | number;
  /** Epoch milliseconds, UTC. */
  readonly cancelledAt: null | number;
  /** Epoch milliseconds, UTC. */
  readonly divertedAt: null | number;
  /** FAA code of the airport it was diverted to. */
  readonly divertedTo: null | string;
  /** Minutes after the scheduled departure; negative is early. */
  readonly departureDelayMinutes: null | number;
  /** Minutes after the scheduled arrival; negative is early. */
  readonly arrivalDelayMinutes: null | number;
}

export interface PartitionOffset {
  /** topic/partition. */
  readonly partition: string;
  /** An offset in it. */
  readonly offset: number;
}

export interface Difference {
  /** row or group. */
  readonly kind: string;
  /** Key of the entity; empty for a group. */
  readonly entity: string;
  /** Key of the row; of a group its columns as JSON. */
  readonly key: string;
  /** What the log says, as JSON; null: it must not be there. */
  readonly expected: null | string;
  /** What the store holds, as JSON; null: it is not there. */
  readonly actual: null | string;
}

export interface Verification {
  /** 1, 2, 3 ... per generation. */
  readonly id: number;
  /** Differences are mended. */
  readonly repair: boolean;
  /** Number of the generation that it is compared with; null: with the log. */
  readonly against: null | number;
  /** Who asked for it. */
  readonly requestedBy: string;
  /** Epoch milliseconds, UTC. */
  readonly requestedAt: number;
  /** Null while it runs. */
  readonly concludedAt: null | number;
  /** Entities of the log that were compared. */
  readonly entitiesChecked: number;
  /** Rows and groups that are not what the log says they must be. */
  readonly differences: number;
  /** Of these, how many were mended. */
  readonly repaired: number;
  /** Why it could not be carried through. */
  readonly problem: null | string;
  /** The first differences. */
  readonly samples: readonly Difference[];
}

export interface Generation {
  /** 1, 2, 3 ... never used twice. */
  readonly number: number;
  /** Version of the view's definition that it was built by. */
  readonly definitionVersion: number;
  /** building, catching-up, verifying, ready, live, standby, retired or failed. */
  readonly status: string;
  /** When the build was asked for; epoch milliseconds, UTC. */
  readonly startedAt: number;
  /** When it took its status; epoch milliseconds, UTC. */
  readonly statusSince: number;
  /** Who asked for it. */
  readonly requestedBy: string;
  /** Goes live by itself as soon as it is ready. */
  readonly autoFlip: boolean;
  /** End offsets noted when the build began. */
  readonly targets: readonly PartitionOffset[];
  /** Why it failed or was retired. */
  readonly reason: null | string;
  /** All that it held in its store is gone: only its history is left. */
  readonly dropped: boolean;
  /** Hash of the definition's code that it was begun with; empty when none was told. */
  readonly fingerprint: string;
  /** Its builders read nothing until it is resumed. */
  readonly paused: boolean;
  /** Most records a second that its builders may read, all together; null: no limit. */
  readonly maxRecordsPerSecond: null | number;
  /** The newest check of what it holds against the log. */
  readonly verification: null | Verification;
}

export interface Flip {
  /** flip or rollback. */
  readonly kind: string;
  /** Number of the generation that was live before. */
  readonly from: null | number;
  /** Number of the generation that went live. */
  readonly to: number;
  /** Epoch milliseconds, UTC. */
  readonly at: number;
  /** Who asked for it. */
  readonly by: string;
  /** Something stood against it, and who asked for it said that it be done all the same. */
  readonly forced: boolean;
  /** What stood against it or was not known, and the reason that was given; null: nothing. */
  readonly note: null | string;
}

export interface FlipAnnouncement {
  /** Number of the generation that is to go live. */
  readonly number: number;
  /** Epoch milliseconds, UTC. */
  readonly at: number;
}

export interface ViewGenerations {
  /** Name of the view. */
  readonly view: string;
  /** Number of the live generation. */
  readonly live: null | number;
  /** Number of the generation that a rollback returns to. */
  readonly previous: null | number;
  /** Topics the view is built from. */
  readonly sourceTopics: readonly string[];
  /** Newest version of the view's definition that a builder announced. */
  readonly definitionVersion: number;
  /** All generations, oldest first. */
  readonly generations: readonly Generation[];
  /** The newest flips and rollbacks, oldest first. */
  readonly flips: readonly Flip[];
  /** The newest flip or rollback that was said to come: builders hold the live generation still for a moment, so that readers can go over at once. */
  readonly flipAnnounced: null | FlipAnnouncement;
}

export interface RedriveRequest {
  /** Names the request. */
  readonly requestId: string;
  /** The dead letter that it is about. */
  readonly letterId: string;
  /** Name of the view. */
  readonly view: string;
  /** Number of the generation. */
  readonly generation: number;
  /** redrive or discard. */
  readonly action: string;
  /** Why it is discarded. */
  readonly reason: null | string;
  /** Epoch milliseconds, UTC. */
  readonly requestedAt: number;
  /** Who asked. */
  readonly actor: string;
}

export interface ShadowSample {
  /** What was asked. */
  readonly question: null | string;
  /** What the live generation answered, as JSON, cut. */
  readonly expected: string;
  /** What this generation answered, as JSON, cut. */
  readonly actual: string;
  /** Epoch milliseconds, UTC. */
  readonly at: number;
}

export interface ShadowReport {
  /** view/generation/instance: what one process saw of one generation. */
  readonly id: string;
  /** Name of the view. */
  readonly view: string;
  /** Number of the generation that was asked beside the live one. */
  readonly generation: number;
  /** Live reads whose answers were compared, mismatches included. */
  readonly compared: number;
  /** Of these, how many stayed different. */
  readonly mismatched: number;
  /** Shadow reads that failed. */
  readonly errors: number;
  /** Shadow reads that were not made or came to no result: too many at once, or generations that moved apart. */
  readonly dropped: number;
  /** The first mismatches. */
  readonly samples: readonly ShadowSample[];
}

/** Every stream there is, by its folder's name under schemas/ (in camel case). */
export const catalogue = {
  aircraft: {
    "name": "aircraft",
    "topic": "flights.aircraft",
    "subject": "flights.aircraft-value",
    "partitions": 1,
    "retention": "compacted",
    "key": "tailnum",
    "settings": {
      "cleanup.policy": "compact",
      "delete.retention.ms": "604800000",
      "min.compaction.lag.ms": "0",
      "max.compaction.lag.ms": "86400000",
      "min.cleanable.dirty.ratio": "0.5"
    },
    "schema": {
      "type": "record",
      "name": "AircraftEvent",
      "namespace": "reprise.flights",
      "doc": "A fact about an aircraft.",
      "fields": [
        {
          "name": "event",
          "type": "string",
          "doc": "Past-tense name of the fact."
        },
        {
          "name": "version",
          "type": "long",
          "doc": "Version of the entity after the fact: 1, 2, 3 ..."
        },
        {
          "name": "occurredAt",
          "type": {
            "type": "long",
            "logicalType": "timestamp-millis"
          },
          "doc": "Epoch milliseconds, UTC."
        },
        {
          "name": "changed",
          "type": {
            "type": "array",
            "items": "string"
          },
          "default": [],
          "doc": "Fields of the state that the fact changed."
        },
        {
          "name": "deleted",
          "type": "boolean",
          "default": false,
          "doc": "True for the fact after which the entity is gone."
        },
        {
          "name": "state",
          "type": {
            "type": "record",
            "name": "Aircraft",
            "fields": [
              {
                "name": "tailnum",
                "type": "string",
                "doc": "Tail number, as N14228."
              },
              {
                "name": "year",
                "type": [
                  "null",
                  "int"
                ],
                "doc": "Year of manufacture.",
                "default": null
              },
              {
                "name": "type",
                "type": [
                  "null",
                  "string"
                ],
                "doc": "Kind of aircraft.",
                "default": null
              },
              {
                "name": "manufacturer",
                "type": [
                  "null",
                  "string"
                ],
                "doc": "Maker.",
                "default": null
              },
              {
                "name": "model",
                "type": [
                  "null",
                  "string"
                ],
                "doc": "Model.",
                "default": null
              },
              {
                "name": "engines",
                "type": [
                  "null",
                  "int"
                ],
                "doc": "Number of engines.",
                "default": null
              },
              {
                "name": "seats",
                "type": [
                  "null",
                  "int"
                ],
                "doc": "Number of seats.",
                "default": null
              },
              {
                "name": "engine",
                "type": [
                  "null",
                  "string"
                ],
                "doc": "Kind of engine.",
                "default": null
              }
            ]
          },
          "doc": "The entity's full state after the fact."
        }
      ]
    }
  } as StreamContract<Aircraft>,
  airline: {
    "name": "airline",
    "topic": "flights.airline",
    "subject": "flights.airline-value",
    "partitions": 1,
    "retention": "compacted",
    "key": "carrier",
    "settings": {
      "cleanup.policy": "compact",
      "delete.retention.ms": "604800000",
      "min.compaction.lag.ms": "0",
      "max.compaction.lag.ms": "86400000",
      "min.cleanable.dirty.ratio": "0.5"
    },
    "schema": {
      "type": "record",
      "name": "AirlineEvent",
      "namespace": "reprise.flights",
      "doc": "A fact about an airline.",
      "fields": [
        {
          "name": "event",
          "type": "string",
          "doc": "Past-tense name of the fact."
        },
        {
          "name": "version",
          "type": "long",
          "doc": "Version of the entity after the fact: 1, 2, 3 ..."
        },
        {
          "name": "occurredAt",
          "type": {
            "type": "long",
            "logicalType": "timestamp-millis"
          },
          "doc": "Epoch milliseconds, UTC."
        },
        {
          "name": "changed",
          "type": {
            "type": "array",
            "items": "string"
          },
          "default": [],
          "doc": "Fields of the state that the fact changed."
        },
        {
          "name": "deleted",
          "type": "boolean",
          "default": false,
          "doc": "True for the fact after which the entity is gone."
        },
        {
          "name": "state",
          "type": {
            "type": "record",
            "name": "Airline",
            "fields": [
              {
                "name": "carrier",
                "type": "string",
                "doc": "IATA code of the carrier, as UA."
              },
              {
                "name": "name",
                "type": "string",
                "doc": "Name of the carrier."
              }
            ]
          },
          "doc": "The entity's full state after the fact."
        }
      ]
    }
  } as StreamContract<Airline>,
  airport: {
    "name": "airport",
    "topic": "flights.airport",
    "subject": "flights.airport-value",
    "partitions": 1,
    "retention": "compacted",
    "key": "faa",
    "settings": {
      "cleanup.policy": "compact",
      "delete.retention.ms": "604800000",
      "min.compaction.lag.ms": "0",
      "max.compaction.lag.ms": "86400000",
      "min.cleanable.dirty.ratio": "0.5"
    },
    "schema": {
      "type": "record",
      "name": "AirportEvent",
      "namespace": "reprise.flights",
      "doc": "A fact about an airport.",
      "fields": [
        {
          "name": "event",
          "type": "string",
          "doc": "Past-tense name of the fact."
        },
        {
          "name": "version",
          "type": "long",
          "doc": "Version of the entity after the fact: 1, 2, 3 ..."
        },
        {
          "name": "occurredAt",
          "type": {
            "type": "long",
            "logicalType": "timestamp-millis"
          },
          "doc": "Epoch milliseconds, UTC."
        },
        {
          "name": "changed",
          "type": {
            "type": "array",
            "items": "string"
          },
          "default": [],
          "doc": "Fields of the state that the fact changed."
        },
        {
          "name": "deleted",
          "type": "boolean",
          "default": false,
          "doc": "True for the fact after which the entity is gone."
        },
        {
          "name": "state",
          "type": {
            "type": "record",
            "name": "Airport",
            "fields": [
              {
                "name": "faa",
                "type": "string",
                "doc": "FAA code, as JFK."
              },
              {
                "name": "name",
                "type": "string",
                "doc": "Name of the airport."
              },
              {
                "name": "latitude",
                "type": [
                  "null",
                  "double"
                ],
                "doc": "Degrees north.",
                "default": null
              },
              {
                "name": "longitude",
                "type": [
                  "null",
                  "double"
                ],
                "doc": "Degrees east.",
                "default": null
              },
              {
                "name": "altitudeFeet",
                "type": [
                  "null",
                  "int"
                ],
                "doc": "Feet above sea level.",
                "default": null
              },
              {
                "name": "timeZone",
                "type": [
                  "null",
                  "string"
                ],
                "doc": "IANA time zone, as America/New_York.",
                "default": null
              }
            ]
          },
          "doc": "The entity's full state after the fact."
        }
      ]
    }
  } as StreamContract<Airport>,
  builder: {
    "name": "builder",
    "topic": "reprise.builder",
    "subject": "reprise.builder-value",
    "partitions": 1,
    "retention": "compacted",
    "key": "instance",
    "settings": {
      "cleanup.policy": "compact",
      "delete.retention.ms": "604800000",
      "min.compaction.lag.ms": "0",
      "max.compaction.lag.ms": "86400000",
      "min.cleanable.dirty.ratio": "0.5"
    },
    "schema": {
      "type": "record",
      "name": "BuilderEvent",
      "namespace": "reprise.platform",
      "doc": "What a builder is doing.",
      "fields": [
        {
          "name": "event",
          "type": "string",
          "doc": "Past-tense name of the fact."
        },
        {
          "name": "version",
          "type": "long",
          "doc": "Version of the entity after the fact: 1, 2, 3 ..."
        },
        {
          "name": "occurredAt",
          "type": {
            "type": "long",
            "logicalType": "timestamp-millis"
          },
          "doc": "Epoch milliseconds, UTC."
        },
        {
          "name": "changed",
          "type": {
            "type": "array",
            "items": "string"
          },
          "default": [],
          "doc": "Fields of the state that the fact changed."
        },
        {
          "name": "deleted",
          "type": "boolean",
          "default": false,
          "doc": "True for the fact after which the entity is gone."
        },
        {
          "name": "state",
          "type": {
            "type": "record",
            "name": "BuilderReport",
            "fields": [
              {
                "name": "instance",
                "type": "string",
                "doc": "view/instance: one running builder process."
              },
              {
                "name": "view",
                "type": "string",
                "doc": "Name of the view."
              },
              {
                "name": "definitionVersion",
                "type": "int",
                "doc": "Version of the definition that it runs."
              },
              {
                "name": "sourceTopics",
                "type": {
                  "type": "array",
                  "items": "string"
                },
                "doc": "Topics the view is built from."
              },
              {
                "name": "generations",
                "type": {
                  "type": "array",
                  "items": {
                    "type": "record",
                    "name": "GenerationReport",
                    "fields": [
                      {
                        "name": "number",
                        "type": "int",
                        "doc": "Number of the generation."
                      },
                      {
                        "name": "recordsRead",
                        "type": "long",
                        "doc": "Records read by this process since it started."
                      },
                      {
                        "name": "recordsPerSecond",
                        "type": "double",
                        "doc": "Rate over the last seconds."
                      },
                      {
                        "name": "dropped",
                        "type": "boolean",
                        "doc": "All that it held in its store is gone."
                      },
                      {
                        "name": "problem",
                        "type": [
                          "null",
                          "string"
                        ],
                        "doc": "What keeps it from going on.",
                        "default": null
                      },
                      {
                        "name": "partitions",
                        "type": {
                          "type": "array",
                          "items": {
                            "type": "record",
                            "name": "PartitionReport",
                            "fields": [
                              {
                                "name": "partition",
                                "type": "string",
                                "doc": "topic/partition."
                              },
                              {
                                "name": "nextOffset",
                                "type": "long",
                                "doc": "Next offset to apply: everything below is visible to readers; of a generation that is not live, applied."
                              },
                              {
                                "name": "endOffset",
                                "type": "long",
                                "doc": "End of the partition as last seen."
                              }
                            ]
                          }
                        },
                        "doc": "The partitions that this process owns."
                      },
                      {
                        "name": "phase",
                        "type": "string",
                        "default": "",
                        "doc": "What this process does for it: loading, sealing, feeding, verifying, paused; before a flip that was announced: still (the live one: nothing of it changes for a moment) or approaching (the one to go live: its offsets are what readers see)."
                      },
                      {
                        "name": "verification",
                        "default": null,
                        "doc": "How far this process is with a check that was asked for.",
                        "type": [
                          "null",
                          {
                            "type": "record",
                            "name": "VerificationReport",
                            "fields": [
                              {
                                "name": "id",
                                "type": "int",
                                "doc": "The check that it answers."
                              },
                              {
                                "name": "isDone",
                                "type": "boolean",
                                "doc": "False while it runs."
                              },
                              {
                                "name": "phase",
                                "type": "string",
                                "doc": "What it does: reading the log, reading the store, comparing, mending."
                              },
                              {
                                "name": "percent",
                                "type": "double",
                                "doc": "0 to 100, of all phases."
                              },
                              {
                                "name": "entitiesChecked",
                                "type": "long",
                                "doc": "Entities of the log that were compared."
                              },
                              {
                                "name": "differences",
                                "type": "long",
                                "doc": "Rows and groups that are not what the log says they must be."
                              },
                              {
                                "name": "repaired",
                                "type": "long",
                                "doc": "Of these, how many were mended."
                              },
                              {
                                "name": "problem",
                                "type": [
                                  "null",
                                  "string"
                                ],
                                "default": null,
                                "doc": "Why it could not be carried through."
                              },
                              {
                                "name": "samples",
                                "doc": "The first differences.",
                                "type": {
                                  "type": "array",
                                  "items": {
                                    "type": "record",
                                    "name": "ReportedDifference",
                                    "fields": [
                                      {
                                        "name": "kind",
                                        "type": "string",
                                        "doc": "row or group."
                                      },
                                      {
                                        "name": "entity",
                                        "type": "string",
                                        "doc": "Key of the entity; empty for a group."
                                      },
                                      {
                                        "name": "key",
                                        "type": "string",
                                        "doc": "Key of the row; of a group its columns as JSON."
                                      },
                                      {
                                        "name": "expected",
                                        "type": [
                                          "null",
                                          "string"
                                        ],
                                        "default": null,
                                        "doc": "What the log says, as JSON; null: it must not be there."
                                      },
                                      {
                                        "name": "actual",
                                        "type": [
                                          "null",
                                          "string"
                                        ],
                                        "default": null,
                                        "doc": "What the store holds, as JSON; null: it is not there."
                                      }
                                    ]
                                  }
                                }
                              }
                            ]
                          }
                        ]
                      }
                    ]
                  }
                },
                "doc": "The generations that it runs."
              },
              {
                "name": "fingerprint",
                "type": "string",
                "default": "",
                "doc": "Hash of the code of the definition that it runs."
              }
            ]
          },
          "doc": "The entity's full state after the fact."
        }
      ]
    },
    "earlierSchemas": [
      {
        "type": "record",
        "name": "BuilderEvent",
        "namespace": "reprise.platform",
        "doc": "What a builder is doing.",
        "fields": [
          {
            "name": "event",
            "type": "string",
            "doc": "Past-tense name of the fact."
          },
          {
            "name": "version",
            "type": "long",
            "doc": "Version of the entity after the fact: 1, 2, 3 ..."
          },
          {
            "name": "occurredAt",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            },
            "doc": "Epoch milliseconds, UTC."
          },
          {
            "name": "changed",
            "type": {
              "type": "array",
              "items": "string"
            },
            "default": [],
            "doc": "Fields of the state that the fact changed."
          },
          {
            "name": "deleted",
            "type": "boolean",
            "default": false,
            "doc": "True for the fact after which the entity is gone."
          },
          {
            "name": "state",
            "type": {
              "type": "record",
              "name": "BuilderReport",
              "fields": [
                {
                  "name": "instance",
                  "type": "string",
                  "doc": "view/instance: one running builder process."
                },
                {
                  "name": "view",
                  "type": "string",
                  "doc": "Name of the view."
                },
                {
                  "name": "definitionVersion",
                  "type": "int",
                  "doc": "Version of the definition that it runs."
                },
                {
                  "name": "sourceTopics",
                  "type": {
                    "type": "array",
                    "items": "string"
                  },
                  "doc": "Topics the view is built from."
                },
                {
                  "name": "generations",
                  "type": {
                    "type": "array",
                    "items": {
                      "type": "record",
                      "name": "GenerationReport",
                      "fields": [
                        {
                          "name": "number",
                          "type": "int",
                          "doc": "Number of the generation."
                        },
                        {
                          "name": "recordsRead",
                          "type": "long",
                          "doc": "Records read by this process since it started."
                        },
                        {
                          "name": "recordsPerSecond",
                          "type": "double",
                          "doc": "Rate over the last seconds."
                        },
                        {
                          "name": "dropped",
                          "type": "boolean",
                          "doc": "All that it held in its store is gone."
                        },
                        {
                          "name": "problem",
                          "type": [
                            "null",
                            "string"
                          ],
                          "doc": "What keeps it from going on.",
                          "default": null
                        },
                        {
                          "name": "partitions",
                          "type": {
                            "type": "array",
                            "items": {
                              "type": "record",
                              "name": "PartitionReport",
                              "fields": [
                                {
                                  "name": "partition",
                                  "type": "string",
                                  "doc": "topic/partition."
                                },
                                {
                                  "name": "nextOffset",
                                  "type": "long",
                                  "doc": "Next offset to apply: everything below is visible to readers."
                                },
                                {
                                  "name": "endOffset",
                                  "type": "long",
                                  "doc": "End of the partition as last seen."
                                }
                              ]
                            }
                          },
                          "doc": "The partitions that this process owns."
                        },
                        {
                          "name": "phase",
                          "type": "string",
                          "default": "",
                          "doc": "What this process does for it: loading, sealing, feeding, verifying or paused."
                        },
                        {
                          "name": "verification",
                          "default": null,
                          "doc": "How far this process is with a check that was asked for.",
                          "type": [
                            "null",
                            {
                              "type": "record",
                              "name": "VerificationReport",
                              "fields": [
                                {
                                  "name": "id",
                                  "type": "int",
                                  "doc": "The check that it answers."
                                },
                                {
                                  "name": "isDone",
                                  "type": "boolean",
                                  "doc": "False while it runs."
                                },
                                {
                                  "name": "phase",
                                  "type": "string",
                                  "doc": "What it does: reading the log, reading the store, comparing, mending."
                                },
                                {
                                  "name": "percent",
                                  "type": "double",
                                  "doc": "0 to 100, of all phases."
                                },
                                {
                                  "name": "entitiesChecked",
                                  "type": "long",
                                  "doc": "Entities of the log that were compared."
                                },
                                {
                                  "name": "differences",
                                  "type": "long",
                                  "doc": "Rows and groups that are not what the log says they must be."
                                },
                                {
                                  "name": "repaired",
                                  "type": "long",
                                  "doc": "Of these, how many were mended."
                                },
                                {
                                  "name": "problem",
                                  "type": [
                                    "null",
                                    "string"
                                  ],
                                  "default": null,
                                  "doc": "Why it could not be carried through."
                                },
                                {
                                  "name": "samples",
                                  "doc": "The first differences.",
                                  "type": {
                                    "type": "array",
                                    "items": {
                                      "type": "record",
                                      "name": "ReportedDifference",
                                      "fields": [
                                        {
                                          "name": "kind",
                                          "type": "string",
                                          "doc": "row or group."
                                        },
                                        {
                                          "name": "entity",
                                          "type": "string",
                                          "doc": "Key of the entity; empty for a group."
                                        },
                                        {
                                          "name": "key",
                                          "type": "string",
                                          "doc": "Key of the row; of a group its columns as JSON."
                                        },
                                        {
                                          "name": "expected",
                                          "type": [
                                            "null",
                                            "string"
                                          ],
                                          "default": null,
                                          "doc": "What the log says, as JSON; null: it must not be there."
                                        },
                                        {
                                          "name": "actual",
                                          "type": [
                                            "null",
                                            "string"
                                          ],
                                          "default": null,
                                          "doc": "What the store holds, as JSON; null: it is not there."
                                        }
                                      ]
                                    }
                                  }
                                }
                              ]
                            }
                          ]
                        }
                      ]
                    }
                  },
                  "doc": "The generations that it runs."
                },
                {
                  "name": "fingerprint",
                  "type": "string",
                  "default": "",
                  "doc": "Hash of the code of the definition that it runs."
                }
              ]
            },
            "doc": "The entity's full state after the fact."
          }
        ]
      },
      {
        "type": "record",
        "name": "BuilderEvent",
        "namespace": "reprise.platform",
        "doc": "What a builder is doing.",
        "fields": [
          {
            "name": "event",
            "type": "string",
            "doc": "Past-tense name of the fact."
          },
          {
            "name": "version",
            "type": "long",
            "doc": "Version of the entity after the fact: 1, 2, 3 ..."
          },
          {
            "name": "occurredAt",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            },
            "doc": "Epoch milliseconds, UTC."
          },
          {
            "name": "changed",
            "type": {
              "type": "array",
              "items": "string"
            },
            "default": [],
            "doc": "Fields of the state that the fact changed."
          },
          {
            "name": "deleted",
            "type": "boolean",
            "default": false,
            "doc": "True for the fact after which the entity is gone."
          },
          {
            "name": "state",
            "type": {
              "type": "record",
              "name": "BuilderReport",
              "fields": [
                {
                  "name": "instance",
                  "type": "string",
                  "doc": "view/instance: one running builder process."
                },
                {
                  "name": "view",
                  "type": "string",
                  "doc": "Name of the view."
                },
                {
                  "name": "definitionVersion",
                  "type": "int",
                  "doc": "Version of the definition that it runs."
                },
                {
                  "name": "sourceTopics",
                  "type": {
                    "type": "array",
                    "items": "string"
                  },
                  "doc": "Topics the view is built from."
                },
                {
                  "name": "generations",
                  "type": {
                    "type": "array",
                    "items": {
                      "type": "record",
                      "name": "GenerationReport",
                      "fields": [
                        {
                          "name": "number",
                          "type": "int",
                          "doc": "Number of the generation."
                        },
                        {
                          "name": "recordsRead",
                          "type": "long",
                          "doc": "Records read by this process since it started."
                        },
                        {
                          "name": "recordsPerSecond",
                          "type": "double",
                          "doc": "Rate over the last seconds."
                        },
                        {
                          "name": "dropped",
                          "type": "boolean",
                          "doc": "All that it held in its store is gone."
                        },
                        {
                          "name": "problem",
                          "type": [
                            "null",
                            "string"
                          ],
                          "doc": "What keeps it from going on.",
                          "default": null
                        },
                        {
                          "name": "partitions",
                          "type": {
                            "type": "array",
                            "items": {
                              "type": "record",
                              "name": "PartitionReport",
                              "fields": [
                                {
                                  "name": "partition",
                                  "type": "string",
                                  "doc": "topic/partition."
                                },
                                {
                                  "name": "nextOffset",
                                  "type": "long",
                                  "doc": "Next offset to apply: everything below is visible to readers; of a generation that is not live, applied."
                                },
                                {
                                  "name": "endOffset",
                                  "type": "long",
                                  "doc": "End of the partition as last seen."
                                }
                              ]
                            }
                          },
                          "doc": "The partitions that this process owns."
                        },
                        {
                          "name": "phase",
                          "type": "string",
                          "default": "",
                          "doc": "What this process does for it: loading, sealing, feeding, verifying or paused."
                        },
                        {
                          "name": "verification",
                          "default": null,
                          "doc": "How far this process is with a check that was asked for.",
                          "type": [
                            "null",
                            {
                              "type": "record",
                              "name": "VerificationReport",
                              "fields": [
                                {
                                  "name": "id",
                                  "type": "int",
                                  "doc": "The check that it answers."
                                },
                                {
                                  "name": "isDone",
                                  "type": "boolean",
                                  "doc": "False while it runs."
                                },
                                {
                                  "name": "phase",
                                  "type": "string",
                                  "doc": "What it does: reading the log, reading the store, comparing, mending."
                                },
                                {
                                  "name": "percent",
                                  "type": "double",
                                  "doc": "0 to 100, of all phases."
                                },
                                {
                                  "name": "entitiesChecked",
                                  "type": "long",
                                  "doc": "Entities of the log that were compared."
                                },
                                {
                                  "name": "differences",
                                  "type": "long",
                                  "doc": "Rows and groups that are not what the log says they must be."
                                },
                                {
                                  "name": "repaired",
                                  "type": "long",
                                  "doc": "Of these, how many were mended."
                                },
                                {
                                  "name": "problem",
                                  "type": [
                                    "null",
                                    "string"
                                  ],
                                  "default": null,
                                  "doc": "Why it could not be carried through."
                                },
                                {
                                  "name": "samples",
                                  "doc": "The first differences.",
                                  "type": {
                                    "type": "array",
                                    "items": {
                                      "type": "record",
                                      "name": "ReportedDifference",
                                      "fields": [
                                        {
                                          "name": "kind",
                                          "type": "string",
                                          "doc": "row or group."
                                        },
                                        {
                                          "name": "entity",
                                          "type": "string",
                                          "doc": "Key of the entity; empty for a group."
                                        },
                                        {
                                          "name": "key",
                                          "type": "string",
                                          "doc": "Key of the row; of a group its columns as JSON."
                                        },
                                        {
                                          "name": "expected",
                                          "type": [
                                            "null",
                                            "string"
                                          ],
                                          "default": null,
                                          "doc": "What the log says, as JSON; null: it must not be there."
                                        },
                                        {
                                          "name": "actual",
                                          "type": [
                                            "null",
                                            "string"
                                          ],
                                          "default": null,
                                          "doc": "What the store holds, as JSON; null: it is not there."
                                        }
                                      ]
                                    }
                                  }
                                }
                              ]
                            }
                          ]
                        }
                      ]
                    }
                  },
                  "doc": "The generations that it runs."
                },
                {
                  "name": "fingerprint",
                  "type": "string",
                  "default": "",
                  "doc": "Hash of the code of the definition that it runs."
                }
              ]
            },
            "doc": "The entity's full state after the fact."
          }
        ]
      }
    ]
  } as StreamContract<BuilderReport>,
  deadLetter: {
    "name": "dead-letter",
    "topic": "reprise.dead-letter",
    "subject": "reprise.dead-letter-value",
    "partitions": 1,
    "retention": "compacted",
    "key": "letterId",
    "settings": {
      "cleanup.policy": "compact",
      "delete.retention.ms": "604800000",
      "min.compaction.lag.ms": "0",
      "max.compaction.lag.ms": "86400000",
      "min.cleanable.dirty.ratio": "0.5",
      "max.message.bytes": "4194304"
    },
    "schema": {
      "type": "record",
      "name": "DeadLetterEvent",
      "namespace": "reprise.platform",
      "doc": "A record that a generation of a view set aside.",
      "fields": [
        {
          "name": "event",
          "type": "string",
          "doc": "Past-tense name of the fact."
        },
        {
          "name": "version",
          "type": "long",
          "doc": "Version of the entity after the fact: 1, 2, 3 ..."
        },
        {
          "name": "occurredAt",
          "type": {
            "type": "long",
            "logicalType": "timestamp-millis"
          },
          "doc": "Epoch milliseconds, UTC."
        },
        {
          "name": "changed",
          "type": {
            "type": "array",
            "items": "string"
          },
          "default": [],
          "doc": "Fields of the state that the fact changed."
        },
        {
          "name": "deleted",
          "type": "boolean",
          "default": false,
          "doc": "True for the fact after which the entity is gone."
        },
        {
          "name": "state",
          "type": {
            "type": "record",
            "name": "DeadLetter",
            "fields": [
              {
                "name": "letterId",
                "type": "string",
                "doc": "generation/topic/partition/offset, as flight_search_g3/flights.flight/2/1001."
              },
              {
                "name": "view",
                "type": "string",
                "doc": "Name of the view."
              },
              {
                "name": "generation",
                "type": "int",
                "doc": "Number of the generation that set it aside."
              },
              {
                "name": "partition",
                "type": "string",
                "doc": "topic/partition that the record came from."
              },
              {
                "name": "offset",
                "type": "long",
                "doc": "Its offset there."
              },
              {
                "name": "key",
                "type": "string",
                "doc": "Key of its entity."
              },
              {
                "name": "entityVersion",
                "type": [
                  "null",
                  "long"
                ],
                "doc": "Version of the entity that it tells; null when nothing says so.",
                "default": null
              },
              {
                "name": "status",
                "type": "string",
                "doc": "open, waiting (behind an open one of its entity), redriven, superseded or discarded."
              },
              {
                "name": "code",
                "type": "string",
                "doc": "What kind of failure it was, as record-undecodable."
              },
              {
                "name": "cause",
                "type": "string",
                "doc": "Why it was set aside, in words."
              },
              {
                "name": "attempts",
                "type": "int",
                "doc": "How often it was tried."
              },
              {
                "name": "parkedAt",
                "type": "long",
                "doc": "When it was set aside; epoch milliseconds, UTC."
              },
              {
                "name": "record",
                "type": [
                  "null",
                  "bytes"
                ],
                "doc": "Its value, as the log has it; null when there is none.",
                "default": null
              },
              {
                "name": "decoded",
                "type": [
                  "null",
                  "string"
                ],
                "doc": "Its whole content as JSON, cut when it is long; null when it cannot be decoded.",
                "default": null
              },
              {
                "name": "appliedVersion",
                "type": "long",
                "doc": "Version of the entity that the generation held when the record was set aside; 0 for none."
              },
              {
                "name": "handledRequest",
                "type": [
                  "null",
                  "string"
                ],
                "doc": "The last request about it that was carried out.",
                "default": null
              },
              {
                "name": "closedAt",
                "type": [
                  "null",
                  "long"
                ],
                "doc": "When it was closed; epoch milliseconds, UTC.",
                "default": null
              },
              {
                "name": "closedBy",
                "type": [
                  "null",
                  "string"
                ],
                "doc": "Who closed it.",
                "default": null
              },
              {
                "name": "closedReason",
                "type": [
                  "null",
                  "string"
                ],
                "doc": "Why it was closed, in words.",
                "default": null
              }
            ]
          },
          "doc": "The entity's full state after the fact."
        }
      ]
    }
  } as StreamContract<DeadLetter>,
  flight: {
    "name": "flight",
    "topic": "flights.flight",
    "subject": "flights.flight-value",
    "partitions": 6,
    "retention": "compacted",
    "key": "flightId",
    "settings": {
      "cleanup.policy": "compact",
      "delete.retention.ms": "604800000",
      "min.compaction.lag.ms": "0",
      "max.compaction.lag.ms": "86400000",
      "min.cleanable.dirty.ratio": "0.5"
    },
    "schema": {
      "type": "record",
      "name": "FlightEvent",
      "namespace": "reprise.flights",
      "doc": "A fact about a flight.",
      "fields": [
        {
          "name": "event",
          "type": "string",
          "doc": "Past-tense name of the fact."
        },
        {
          "name": "version",
          "type": "long",
          "doc": "Version of the entity after the fact: 1, 2, 3 ..."
        },
        {
          "name": "occurredAt",
          "type": {
            "type": "long",
            "logicalType": "timestamp-millis"
          },
          "doc": "Epoch milliseconds, UTC."
        },
        {
          "name": "changed",
          "type": {
            "type": "array",
            "items": "string"
          },
          "default": [],
          "doc": "Fields of the state that the fact changed."
        },
        {
          "name": "deleted",
          "type": "boolean",
          "default": false,
          "doc": "True for the fact after which the entity is gone."
        },
        {
          "name": "state",
          "type": {
            "type": "record",
            "name": "Flight",
            "fields": [
              {
                "name": "flightId",
                "type": "string",
                "doc": "date-carrierNumber-origin, as 2013-01-01-UA1545-EWR."
              },
              {
                "name": "date",
                "type": "string",
                "doc": "Local date of the scheduled departure, YYYY-MM-DD."
              },
              {
                "name": "carrier",
                "type": "string",
                "doc": "IATA code of the carrier."
              },
              {
                "name": "number",
                "type": "int",
                "doc": "Flight number."
              },
              {
                "name": "origin",
                "type": "string",
                "doc": "FAA code of the origin."
              },
              {
                "name": "destination",
                "type": "string",
                "doc": "FAA code of the destination."
              },
              {
                "name": "tailnum",
                "type": [
                  "null",
                  "string"
                ],
                "doc": "Tail number of the aircraft.",
                "default": null
              },
              {
                "name": "scheduledDeparture",
                "type": {
                  "type": "long",
                  "logicalType": "timestamp-millis"
                },
                "doc": "Epoch milliseconds, UTC."
              },
              {
                "name": "utcOffsetMinutes",
                "type": "int",
                "doc": "Offset of the origin's local time from UTC at the scheduled departure, in minutes."
              },
              {
                "name": "scheduledArrival",
                "type": [
                  "null",
                  {
                    "type": "long",
                    "logicalType": "timestamp-millis"
                  }
                ],
                "doc": "Epoch milliseconds, UTC.",
                "default": null
              },
              {
                "name": "distanceMiles",
                "type": [
                  "null",
                  "int"
                ],
                "doc": "Distance in miles.",
                "default": null
              },
              {
                "name": "status",
                "type": {
                  "type": "enum",
                  "name": "FlightStatus",
                  "symbols": [
                    "unknown",
                    "scheduled",
                    "departed",
                    "arrived",
                    "cancelled",
                    "diverted"
                  ],
                  "default": "unknown"
                },
                "doc": "Where the flight stands."
              },
              {
                "name": "departedAt",
                "type": [
                  "null",
                  {
                    "type": "long",
                    "logicalType": "timestamp-millis"
                  }
                ],
                "doc": "Epoch milliseconds, UTC.",
                "default": null
              },
              {
                "name": "arrivedAt",
                "type": [
                  "null",
                  {
                    "type": "long",
                    "logicalType": "timestamp-millis"
                  }
                ],
                "doc": "Epoch milliseconds, UTC.",
                "default": null
              },
              {
                "name": "cancelledAt",
                "type": [
                  "null",
                  {
                    "type": "long",
                    "logicalType": "timestamp-millis"
                  }
                ],
                "doc": "Epoch milliseconds, UTC.",
                "default": null
              },
              {
                "name": "divertedAt",
                "type": [
                  "null",
                  {
                    "type": "long",
                    "logicalType": "timestamp-millis"
                  }
                ],
                "doc": "Epoch milliseconds, UTC.",
                "default": null
              },
              {
                "name": "divertedTo",
                "type": [
                  "null",
                  "string"
                ],
                "doc": "FAA code of the airport it was diverted to.",
                "default": null
              },
              {
                "name": "departureDelayMinutes",
                "type": [
                  "null",
                  "int"
                ],
                "doc": "Minutes after the scheduled departure; negative is early.",
                "default": null
              },
              {
                "name": "arrivalDelayMinutes",
                "type": [
                  "null",
                  "int"
                ],
                "doc": "Minutes after the scheduled arrival; negative is early.",
                "default": null
              }
            ]
          },
          "doc": "The entity's full state after the fact."
        }
      ]
    }
  } as StreamContract<Flight>,
  flightHistory: {
    "name": "flight-history",
    "topic": "flights.flight-history",
    "subject": "flights.flight-history-value",
    "partitions": 6,
    "retention": "history",
    "key": "flightId",
    "erasedWhenDeleted": true,
    "settings": {
      "cleanup.policy": "compact",
      "delete.retention.ms": "604800000",
      "min.compaction.lag.ms": "0",
      "max.compaction.lag.ms": "86400000",
      "min.cleanable.dirty.ratio": "0.5"
    },
    "schema": {
      "type": "record",
      "name": "FlightEvent",
      "namespace": "reprise.flights",
      "doc": "A fact about a flight.",
      "fields": [
        {
          "name": "event",
          "type": "string",
          "doc": "Past-tense name of the fact."
        },
        {
          "name": "version",
          "type": "long",
          "doc": "Version of the entity after the fact: 1, 2, 3 ..."
        },
        {
          "name": "occurredAt",
          "type": {
            "type": "long",
            "logicalType": "timestamp-millis"
          },
          "doc": "Epoch milliseconds, UTC."
        },
        {
          "name": "changed",
          "type": {
            "type": "array",
            "items": "string"
          },
          "default": [],
          "doc": "Fields of the state that the fact changed."
        },
        {
          "name": "deleted",
          "type": "boolean",
          "default": false,
          "doc": "True for the fact after which the entity is gone."
        },
        {
          "name": "state",
          "type": {
            "type": "record",
            "name": "Flight",
            "fields": [
              {
                "name": "flightId",
                "type": "string",
                "doc": "date-carrierNumber-origin, as 2013-01-01-UA1545-EWR."
              },
              {
                "name": "date",
                "type": "string",
                "doc": "Local date of the scheduled departure, YYYY-MM-DD."
              },
              {
                "name": "carrier",
                "type": "string",
                "doc": "IATA code of the carrier."
              },
              {
                "name": "number",
                "type": "int",
                "doc": "Flight number."
              },
              {
                "name": "origin",
                "type": "string",
                "doc": "FAA code of the origin."
              },
              {
                "name": "destination",
                "type": "string",
                "doc": "FAA code of the destination."
              },
              {
                "name": "tailnum",
                "type": [
                  "null",
                  "string"
                ],
                "doc": "Tail number of the aircraft.",
                "default": null
              },
              {
                "name": "scheduledDeparture",
                "type": {
                  "type": "long",
                  "logicalType": "timestamp-millis"
                },
                "doc": "Epoch milliseconds, UTC."
              },
              {
                "name": "utcOffsetMinutes",
                "type": "int",
                "doc": "Offset of the origin's local time from UTC at the scheduled departure, in minutes."
              },
              {
                "name": "scheduledArrival",
                "type": [
                  "null",
                  {
                    "type": "long",
                    "logicalType": "timestamp-millis"
                  }
                ],
                "doc": "Epoch milliseconds, UTC.",
                "default": null
              },
              {
                "name": "distanceMiles",
                "type": [
                  "null",
                  "int"
                ],
                "doc": "Distance in miles.",
                "default": null
              },
              {
                "name": "status",
                "type": {
                  "type": "enum",
                  "name": "FlightStatus",
                  "symbols": [
                    "unknown",
                    "scheduled",
                    "departed",
                    "arrived",
                    "cancelled",
                    "diverted"
                  ],
                  "default": "unknown"
                },
                "doc": "Where the flight stands."
              },
              {
                "name": "departedAt",
                "type": [
                  "null",
                  {
                    "type": "long",
                    "logicalType": "timestamp-millis"
                  }
                ],
                "doc": "Epoch milliseconds, UTC.",
                "default": null
              },
              {
                "name": "arrivedAt",
                "type": [
                  "null",
                  {
                    "type": "long",
                    "logicalType": "timestamp-millis"
                  }
                ],
                "doc": "Epoch milliseconds, UTC.",
                "default": null
              },
              {
                "name": "cancelledAt",
                "type": [
                  "null",
                  {
                    "type": "long",
                    "logicalType": "timestamp-millis"
                  }
                ],
                "doc": "Epoch milliseconds, UTC.",
                "default": null
              },
              {
                "name": "divertedAt",
                "type": [
                  "null",
                  {
                    "type": "long",
                    "logicalType": "timestamp-millis"
                  }
                ],
                "doc": "Epoch milliseconds, UTC.",
                "default": null
              },
              {
                "name": "divertedTo",
                "type": [
                  "null",
                  "string"
                ],
                "doc": "FAA code of the airport it was diverted to.",
                "default": null
              },
              {
                "name": "departureDelayMinutes",
                "type": [
                  "null",
                  "int"
                ],
                "doc": "Minutes after the scheduled departure; negative is early.",
                "default": null
              },
              {
                "name": "arrivalDelayMinutes",
                "type": [
                  "null",
                  "int"
                ],
                "doc": "Minutes after the scheduled arrival; negative is early.",
                "default": null
              }
            ]
          },
          "doc": "The entity's full state after the fact."
        }
      ]
    }
  } as StreamContract<Flight>,
  generation: {
    "name": "generation",
    "topic": "reprise.generation",
    "subject": "reprise.generation-value",
    "partitions": 1,
    "retention": "compacted",
    "key": "view",
    "settings": {
      "cleanup.policy": "compact",
      "delete.retention.ms": "604800000",
      "min.compaction.lag.ms": "0",
      "max.compaction.lag.ms": "86400000",
      "min.cleanable.dirty.ratio": "0.5"
    },
    "schema": {
      "type": "record",
      "name": "GenerationEvent",
      "namespace": "reprise.platform",
      "doc": "A fact about the generations of a view.",
      "fields": [
        {
          "name": "event",
          "type": "string",
          "doc": "Past-tense name of the fact."
        },
        {
          "name": "version",
          "type": "long",
          "doc": "Version of the entity after the fact: 1, 2, 3 ..."
        },
        {
          "name": "occurredAt",
          "type": {
            "type": "long",
            "logicalType": "timestamp-millis"
          },
          "doc": "Epoch milliseconds, UTC."
        },
        {
          "name": "changed",
          "type": {
            "type": "array",
            "items": "string"
          },
          "default": [],
          "doc": "Fields of the state that the fact changed."
        },
        {
          "name": "deleted",
          "type": "boolean",
          "default": false,
          "doc": "True for the fact after which the entity is gone."
        },
        {
          "name": "state",
          "type": {
            "type": "record",
            "name": "ViewGenerations",
            "fields": [
              {
                "name": "view",
                "type": "string",
                "doc": "Name of the view."
              },
              {
                "name": "live",
                "type": [
                  "null",
                  "int"
                ],
                "doc": "Number of the live generation.",
                "default": null
              },
              {
                "name": "previous",
                "type": [
                  "null",
                  "int"
                ],
                "doc": "Number of the generation that a rollback returns to.",
                "default": null
              },
              {
                "name": "sourceTopics",
                "type": {
                  "type": "array",
                  "items": "string"
                },
                "doc": "Topics the view is built from."
              },
              {
                "name": "definitionVersion",
                "type": "int",
                "doc": "Newest version of the view's definition that a builder announced."
              },
              {
                "name": "generations",
                "type": {
                  "type": "array",
                  "items": {
                    "type": "record",
                    "name": "Generation",
                    "fields": [
                      {
                        "name": "number",
                        "type": "int",
                        "doc": "1, 2, 3 ... never used twice."
                      },
                      {
                        "name": "definitionVersion",
                        "type": "int",
                        "doc": "Version of the view's definition that it was built by."
                      },
                      {
                        "name": "status",
                        "type": "string",
                        "doc": "building, catching-up, verifying, ready, live, standby, retired or failed."
                      },
                      {
                        "name": "startedAt",
                        "type": {
                          "type": "long",
                          "logicalType": "timestamp-millis"
                        },
                        "doc": "When the build was asked for; epoch milliseconds, UTC."
                      },
                      {
                        "name": "statusSince",
                        "type": {
                          "type": "long",
                          "logicalType": "timestamp-millis"
                        },
                        "doc": "When it took its status; epoch milliseconds, UTC."
                      },
                      {
                        "name": "requestedBy",
                        "type": "string",
                        "doc": "Who asked for it."
                      },
                      {
                        "name": "autoFlip",
                        "type": "boolean",
                        "doc": "Goes live by itself as soon as it is ready."
                      },
                      {
                        "name": "targets",
                        "type": {
                          "type": "array",
                          "items": {
                            "type": "record",
                            "name": "PartitionOffset",
                            "fields": [
                              {
                                "name": "partition",
                                "type": "string",
                                "doc": "topic/partition."
                              },
                              {
                                "name": "offset",
                                "type": "long",
                                "doc": "An offset in it."
                              }
                            ]
                          }
                        },
                        "doc": "End offsets noted when the build began."
                      },
                      {
                        "name": "reason",
                        "type": [
                          "null",
                          "string"
                        ],
                        "doc": "Why it failed or was retired.",
                        "default": null
                      },
                      {
                        "name": "dropped",
                        "type": "boolean",
                        "default": false,
                        "doc": "All that it held in its store is gone: only its history is left."
                      },
                      {
                        "name": "fingerprint",
                        "type": "string",
                        "default": "",
                        "doc": "Hash of the definition's code that it was begun with; empty when none was told."
                      },
                      {
                        "name": "paused",
                        "type": "boolean",
                        "default": false,
                        "doc": "Its builders read nothing until it is resumed."
                      },
                      {
                        "name": "maxRecordsPerSecond",
                        "type": [
                          "null",
                          "int"
                        ],
                        "default": null,
                        "doc": "Most records a second that its builders may read, all together; null: no limit."
                      },
                      {
                        "name": "verification",
                        "type": [
                          "null",
                          {
                            "type": "record",
                            "name": "Verification",
                            "fields": [
                              {
                                "name": "id",
                                "type": "int",
                                "doc": "1, 2, 3 ... per generation."
                              },
                              {
                                "name": "repair",
                                "type": "boolean",
                                "doc": "Differences are mended."
                              },
                              {
                                "name": "against",
                                "type": [
                                  "null",
                                  "int"
                                ],
                                "default": null,
                                "doc": "Number of the generation that it is compared with; null: with the log."
                              },
                              {
                                "name": "requestedBy",
                                "type": "string",
                                "doc": "Who asked for it."
                              },
                              {
                                "name": "requestedAt",
                                "type": {
                                  "type": "long",
                                  "logicalType": "timestamp-millis"
                                },
                                "doc": "Epoch milliseconds, UTC."
                              },
                              {
                                "name": "concludedAt",
                                "type": [
                                  "null",
                                  {
                                    "type": "long",
                                    "logicalType": "timestamp-millis"
                                  }
                                ],
                                "default": null,
                                "doc": "Null while it runs."
                              },
                              {
                                "name": "entitiesChecked",
                                "type": "long",
                                "default": 0,
                                "doc": "Entities of the log that were compared."
                              },
                              {
                                "name": "differences",
                                "type": "long",
                                "default": 0,
                                "doc": "Rows and groups that are not what the log says they must be."
                              },
                              {
                                "name": "repaired",
                                "type": "long",
                                "default": 0,
                                "doc": "Of these, how many were mended."
                              },
                              {
                                "name": "problem",
                                "type": [
                                  "null",
                                  "string"
                                ],
                                "default": null,
                                "doc": "Why it could not be carried through."
                              },
                              {
                                "name": "samples",
                                "default": [],
                                "doc": "The first differences.",
                                "type": {
                                  "type": "array",
                                  "items": {
                                    "type": "record",
                                    "name": "Difference",
                                    "fields": [
                                      {
                                        "name": "kind",
                                        "type": "string",
                                        "doc": "row or group."
                                      },
                                      {
                                        "name": "entity",
                                        "type": "string",
                                        "doc": "Key of the entity; empty for a group."
                                      },
                                      {
                                        "name": "key",
                                        "type": "string",
                                        "doc": "Key of the row; of a group its columns as JSON."
                                      },
                                      {
                                        "name": "expected",
                                        "type": [
                                          "null",
                                          "string"
                                        ],
                                        "default": null,
                                        "doc": "What the log says, as JSON; null: it must not be there."
                                      },
                                      {
                                        "name": "actual",
                                        "type": [
                                          "null",
                                          "string"
                                        ],
                                        "default": null,
                                        "doc": "What the store holds, as JSON; null: it is not there."
                                      }
                                    ]
                                  }
                                }
                              }
                            ]
                          }
                        ],
                        "default": null,
                        "doc": "The newest check of what it holds against the log."
                      }
                    ]
                  }
                },
                "doc": "All generations, oldest first."
              },
              {
                "name": "flips",
                "default": [],
                "doc": "The newest flips and rollbacks, oldest first.",
                "type": {
                  "type": "array",
                  "items": {
                    "type": "record",
                    "name": "Flip",
                    "fields": [
                      {
                        "name": "kind",
                        "type": "string",
                        "doc": "flip or rollback."
                      },
                      {
                        "name": "from",
                        "type": [
                          "null",
                          "int"
                        ],
                        "default": null,
                        "doc": "Number of the generation that was live before."
                      },
                      {
                        "name": "to",
                        "type": "int",
                        "doc": "Number of the generation that went live."
                      },
                      {
                        "name": "at",
                        "type": {
                          "type": "long",
                          "logicalType": "timestamp-millis"
                        },
                        "doc": "Epoch milliseconds, UTC."
                      },
                      {
                        "name": "by",
                        "type": "string",
                        "doc": "Who asked for it."
                      },
                      {
                        "name": "forced",
                        "type": "boolean",
                        "default": false,
                        "doc": "Something stood against it, and who asked for it said that it be done all the same."
                      },
                      {
                        "name": "note",
                        "type": [
                          "null",
                          "string"
                        ],
                        "default": null,
                        "doc": "What stood against it or was not known, and the reason that was given; null: nothing."
                      }
                    ]
                  }
                }
              },
              {
                "name": "flipAnnounced",
                "type": [
                  "null",
                  {
                    "type": "record",
                    "name": "FlipAnnouncement",
                    "fields": [
                      {
                        "name": "number",
                        "type": "int",
                        "doc": "Number of the generation that is to go live."
                      },
                      {
                        "name": "at",
                        "type": {
                          "type": "long",
                          "logicalType": "timestamp-millis"
                        },
                        "doc": "Epoch milliseconds, UTC."
                      }
                    ]
                  }
                ],
                "default": null,
                "doc": "The newest flip or rollback that was said to come: builders hold the live generation still for a moment, so that readers can go over at once."
              }
            ]
          },
          "doc": "The entity's full state after the fact."
        }
      ]
    },
    "earlierSchemas": [
      {
        "type": "record",
        "name": "GenerationEvent",
        "namespace": "reprise.platform",
        "doc": "A fact about the generations of a view.",
        "fields": [
          {
            "name": "event",
            "type": "string",
            "doc": "Past-tense name of the fact."
          },
          {
            "name": "version",
            "type": "long",
            "doc": "Version of the entity after the fact: 1, 2, 3 ..."
          },
          {
            "name": "occurredAt",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            },
            "doc": "Epoch milliseconds, UTC."
          },
          {
            "name": "changed",
            "type": {
              "type": "array",
              "items": "string"
            },
            "default": [],
            "doc": "Fields of the state that the fact changed."
          },
          {
            "name": "deleted",
            "type": "boolean",
            "default": false,
            "doc": "True for the fact after which the entity is gone."
          },
          {
            "name": "state",
            "type": {
              "type": "record",
              "name": "ViewGenerations",
              "fields": [
                {
                  "name": "view",
                  "type": "string",
                  "doc": "Name of the view."
                },
                {
                  "name": "live",
                  "type": [
                    "null",
                    "int"
                  ],
                  "doc": "Number of the live generation.",
                  "default": null
                },
                {
                  "name": "previous",
                  "type": [
                    "null",
                    "int"
                  ],
                  "doc": "Number of the generation that a rollback returns to.",
                  "default": null
                },
                {
                  "name": "sourceTopics",
                  "type": {
                    "type": "array",
                    "items": "string"
                  },
                  "doc": "Topics the view is built from."
                },
                {
                  "name": "definitionVersion",
                  "type": "int",
                  "doc": "Newest version of the view's definition that a builder announced."
                },
                {
                  "name": "generations",
                  "type": {
                    "type": "array",
                    "items": {
                      "type": "record",
                      "name": "Generation",
                      "fields": [
                        {
                          "name": "number",
                          "type": "int",
                          "doc": "1, 2, 3 ... never used twice."
                        },
                        {
                          "name": "definitionVersion",
                          "type": "int",
                          "doc": "Version of the view's definition that it was built by."
                        },
                        {
                          "name": "status",
                          "type": "string",
                          "doc": "building, catching-up, verifying, ready, live, standby, retired or failed."
                        },
                        {
                          "name": "startedAt",
                          "type": {
                            "type": "long",
                            "logicalType": "timestamp-millis"
                          },
                          "doc": "When the build was asked for; epoch milliseconds, UTC."
                        },
                        {
                          "name": "statusSince",
                          "type": {
                            "type": "long",
                            "logicalType": "timestamp-millis"
                          },
                          "doc": "When it took its status; epoch milliseconds, UTC."
                        },
                        {
                          "name": "requestedBy",
                          "type": "string",
                          "doc": "Who asked for it."
                        },
                        {
                          "name": "autoFlip",
                          "type": "boolean",
                          "doc": "Goes live by itself as soon as it is ready."
                        },
                        {
                          "name": "targets",
                          "type": {
                            "type": "array",
                            "items": {
                              "type": "record",
                              "name": "PartitionOffset",
                              "fields": [
                                {
                                  "name": "partition",
                                  "type": "string",
                                  "doc": "topic/partition."
                                },
                                {
                                  "name": "offset",
                                  "type": "long",
                                  "doc": "An offset in it."
                                }
                              ]
                            }
                          },
                          "doc": "End offsets noted when the build began."
                        },
                        {
                          "name": "reason",
                          "type": [
                            "null",
                            "string"
                          ],
                          "doc": "Why it failed or was retired.",
                          "default": null
                        },
                        {
                          "name": "dropped",
                          "type": "boolean",
                          "default": false,
                          "doc": "All that it held in its store is gone: only its history is left."
                        },
                        {
                          "name": "fingerprint",
                          "type": "string",
                          "default": "",
                          "doc": "Hash of the definition's code that it was begun with; empty when none was told."
                        },
                        {
                          "name": "paused",
                          "type": "boolean",
                          "default": false,
                          "doc": "Its builders read nothing until it is resumed."
                        },
                        {
                          "name": "maxRecordsPerSecond",
                          "type": [
                            "null",
                            "int"
                          ],
                          "default": null,
                          "doc": "Most records a second that its builders may read, all together; null: no limit."
                        },
                        {
                          "name": "verification",
                          "type": [
                            "null",
                            {
                              "type": "record",
                              "name": "Verification",
                              "fields": [
                                {
                                  "name": "id",
                                  "type": "int",
                                  "doc": "1, 2, 3 ... per generation."
                                },
                                {
                                  "name": "repair",
                                  "type": "boolean",
                                  "doc": "Differences are mended."
                                },
                                {
                                  "name": "against",
                                  "type": [
                                    "null",
                                    "int"
                                  ],
                                  "default": null,
                                  "doc": "Number of the generation that it is compared with; null: with the log."
                                },
                                {
                                  "name": "requestedBy",
                                  "type": "string",
                                  "doc": "Who asked for it."
                                },
                                {
                                  "name": "requestedAt",
                                  "type": {
                                    "type": "long",
                                    "logicalType": "timestamp-millis"
                                  },
                                  "doc": "Epoch milliseconds, UTC."
                                },
                                {
                                  "name": "concludedAt",
                                  "type": [
                                    "null",
                                    {
                                      "type": "long",
                                      "logicalType": "timestamp-millis"
                                    }
                                  ],
                                  "default": null,
                                  "doc": "Null while it runs."
                                },
                                {
                                  "name": "entitiesChecked",
                                  "type": "long",
                                  "default": 0,
                                  "doc": "Entities of the log that were compared."
                                },
                                {
                                  "name": "differences",
                                  "type": "long",
                                  "default": 0,
                                  "doc": "Rows and groups that are not what the log says they must be."
                                },
                                {
                                  "name": "repaired",
                                  "type": "long",
                                  "default": 0,
                                  "doc": "Of these, how many were mended."
                                },
                                {
                                  "name": "problem",
                                  "type": [
                                    "null",
                                    "string"
                                  ],
                                  "default": null,
                                  "doc": "Why it could not be carried through."
                                },
                                {
                                  "name": "samples",
                                  "default": [],
                                  "doc": "The first differences.",
                                  "type": {
                                    "type": "array",
                                    "items": {
                                      "type": "record",
                                      "name": "Difference",
                                      "fields": [
                                        {
                                          "name": "kind",
                                          "type": "string",
                                          "doc": "row or group."
                                        },
                                        {
                                          "name": "entity",
                                          "type": "string",
                                          "doc": "Key of the entity; empty for a group."
                                        },
                                        {
                                          "name": "key",
                                          "type": "string",
                                          "doc": "Key of the row; of a group its columns as JSON."
                                        },
                                        {
                                          "name": "expected",
                                          "type": [
                                            "null",
                                            "string"
                                          ],
                                          "default": null,
                                          "doc": "What the log says, as JSON; null: it must not be there."
                                        },
                                        {
                                          "name": "actual",
                                          "type": [
                                            "null",
                                            "string"
                                          ],
                                          "default": null,
                                          "doc": "What the store holds, as JSON; null: it is not there."
                                        }
                                      ]
                                    }
                                  }
                                }
                              ]
                            }
                          ],
                          "default": null,
                          "doc": "The newest check of what it holds against the log."
                        }
                      ]
                    }
                  },
                  "doc": "All generations, oldest first."
                },
                {
                  "name": "flips",
                  "default": [],
                  "doc": "The newest flips and rollbacks, oldest first.",
                  "type": {
                    "type": "array",
                    "items": {
                      "type": "record",
                      "name": "Flip",
                      "fields": [
                        {
                          "name": "kind",
                          "type": "string",
                          "doc": "flip or rollback."
                        },
                        {
                          "name": "from",
                          "type": [
                            "null",
                            "int"
                          ],
                          "default": null,
                          "doc": "Number of the generation that was live before."
                        },
                        {
                          "name": "to",
                          "type": "int",
                          "doc": "Number of the generation that went live."
                        },
                        {
                          "name": "at",
                          "type": {
                            "type": "long",
                            "logicalType": "timestamp-millis"
                          },
                          "doc": "Epoch milliseconds, UTC."
                        },
                        {
                          "name": "by",
                          "type": "string",
                          "doc": "Who asked for it."
                        }
                      ]
                    }
                  }
                }
              ]
            },
            "doc": "The entity's full state after the fact."
          }
        ]
      },
      {
        "type": "record",
        "name": "GenerationEvent",
        "namespace": "reprise.platform",
        "doc": "A fact about the generations of a view.",
        "fields": [
          {
            "name": "event",
            "type": "string",
            "doc": "Past-tense name of the fact."
          },
          {
            "name": "version",
            "type": "long",
            "doc": "Version of the entity after the fact: 1, 2, 3 ..."
          },
          {
            "name": "occurredAt",
            "type": {
              "type": "long",
              "logicalType": "timestamp-millis"
            },
            "doc": "Epoch milliseconds, UTC."
          },
          {
            "name": "changed",
            "type": {
              "type": "array",
              "items": "string"
            },
            "default": [],
            "doc": "Fields of the state that the fact changed."
          },
          {
            "name": "deleted",
            "type": "boolean",
            "default": false,
            "doc": "True for the fact after which the entity is gone."
          },
          {
            "name": "state",
            "type": {
              "type": "record",
              "name": "ViewGenerations",
              "fields": [
                {
                  "name": "view",
                  "type": "string",
                  "doc": "Name of the view."
                },
                {
                  "name": "live",
                  "type": [
                    "null",
                    "int"
                  ],
                  "doc": "Number of the live generation.",
                  "default": null
                },
                {
                  "name": "previous",
                  "type": [
                    "null",
                    "int"
                  ],
                  "doc": "Number of the generation that a rollback returns to.",
                  "default": null
                },
                {
                  "name": "sourceTopics",
                  "type": {
                    "type": "array",
                    "items": "string"
                  },
                  "doc": "Topics the view is built from."
                },
                {
                  "name": "definitionVersion",
                  "type": "int",
                  "doc": "Newest version of the view's definition that a builder announced."
                },
                {
                  "name": "generations",
                  "type": {
                    "type": "array",
                    "items": {
                      "type": "record",
                      "name": "Generation",
                      "fields": [
                        {
                          "name": "number",
                          "type": "int",
                          "doc": "1, 2, 3 ... never used twice."
                        },
                        {
                          "name": "definitionVersion",
                          "type": "int",
                          "doc": "Version of the view's definition that it was built by."
                        },
                        {
                          "name": "status",
                          "type": "string",
                          "doc": "building, catching-up, verifying, ready, live, standby, retired or failed."
                        },
                        {
                          "name": "startedAt",
                          "type": {
                            "type": "long",
                            "logicalType": "timestamp-millis"
                          },
                          "doc": "When the build was asked for; epoch milliseconds, UTC."
                        },
                        {
                          "name": "statusSince",
                          "type": {
                            "type": "long",
                            "logicalType": "timestamp-millis"
                          },
                          "doc": "When it took its status; epoch milliseconds, UTC."
                        },
                        {
                          "name": "requestedBy",
                          "type": "string",
                          "doc": "Who asked for it."
                        },
                        {
                          "name": "autoFlip",
                          "type": "boolean",
                          "doc": "Goes live by itself as soon as it is ready."
                        },
                        {
                          "name": "targets",
                          "type": {
                            "type": "array",
                            "items": {
                              "type": "record",
                              "name": "PartitionOffset",
                              "fields": [
                                {
                                  "name": "partition",
                                  "type": "string",
                                  "doc": "topic/partition."
                                },
                                {
                                  "name": "offset",
                                  "type": "long",
                                  "doc": "An offset in it."
                                }
                              ]
                            }
                          },
                          "doc": "End offsets noted when the build began."
                        },
                        {
                          "name": "reason",
                          "type": [
                            "null",
                            "string"
                          ],
                          "doc": "Why it failed or was retired.",
                          "default": null
                        },
                        {
                          "name": "dropped",
                          "type": "boolean",
                          "default": false,
                          "doc": "All that it held in its store is gone: only its history is left."
                        },
                        {
                          "name": "fingerprint",
                          "type": "string",
                          "default": "",
                          "doc": "Hash of the definition's code that it was begun with; empty when none was told."
                        },
                        {
                          "name": "paused",
                          "type": "boolean",
                          "default": false,
                          "doc": "Its builders read nothing until it is resumed."
                        },
                        {
                          "name": "maxRecordsPerSecond",
                          "type": [
                            "null",
                            "int"
                          ],
                          "default": null,
                          "doc": "Most records a second that its builders may read, all together; null: no limit."
                        },
                        {
                          "name": "verification",
                          "type": [
                            "null",
                            {
                              "type": "record",
                              "name": "Verification",
                              "fields": [
                                {
                                  "name": "id",
                                  "type": "int",
                                  "doc": "1, 2, 3 ... per generation."
                                },
                                {
                                  "name": "repair",
                                  "type": "boolean",
                                  "doc": "Differences are mended."
                                },
                                {
                                  "name": "against",
                                  "type": [
                                    "null",
                                    "int"
                                  ],
                                  "default": null,
                                  "doc": "Number of the generation that it is compared with; null: with the log."
                                },
                                {
                                  "name": "requestedBy",
                                  "type": "string",
                                  "doc": "Who asked for it."
                                },
                                {
                                  "name": "requestedAt",
                                  "type": {
                                    "type": "long",
                                    "logicalType": "timestamp-millis"
                                  },
                                  "doc": "Epoch milliseconds, UTC."
                                },
                                {
                                  "name": "concludedAt",
                                  "type": [
                                    "null",
                                    {
                                      "type": "long",
                                      "logicalType": "timestamp-millis"
                                    }
                                  ],
                                  "default": null,
                                  "doc": "Null while it runs."
                                },
                                {
                                  "name": "entitiesChecked",
                                  "type": "long",
                                  "default": 0,
                                  "doc": "Entities of the log that were compared."
                                },
                                {
                                  "name": "differences",
                                  "type": "long",
                                  "default": 0,
                                  "doc": "Rows and groups that are not what the log says they must be."
                                },
                                {
                                  "name": "repaired",
                                  "type": "long",
                                  "default": 0,
                                  "doc": "Of these, how many were mended."
                                },
                                {
                                  "name": "problem",
                                  "type": [
                                    "null",
                                    "string"
                                  ],
                                  "default": null,
                                  "doc": "Why it could not be carried through."
                                },
                                {
                                  "name": "samples",
                                  "default": [],
                                  "doc": "The first differences.",
                                  "type": {
                                    "type": "array",
                                    "items": {
                                      "type": "record",
                                      "name": "Difference",
                                      "fields": [
                                        {
                                          "name": "kind",
                                          "type": "string",
                                          "doc": "row or group."
                                        },
                                        {
                                          "name": "entity",
                                          "type": "string",
                                          "doc": "Key of the entity; empty for a group."
                                        },
                                        {
                                          "name": "key",
                                          "type": "string",
                                          "doc": "Key of the row; of a group its columns as JSON."
                                        },
                                        {
                                          "name": "expected",
                                          "type": [
                                            "null",
                                            "string"
                                          ],
                                          "default": null,
                                          "doc": "What the log says, as JSON; null: it must not be there."
                                        },
                                        {
                                          "name": "actual",
                                          "type": [
                                            "null",
                                            "string"
                                          ],
                                          "default": null,
                                          "doc": "What the store holds, as JSON; null: it is not there."
                                        }
                                      ]
                                    }
                                  }
                                }
                              ]
                            }
                          ],
                          "default": null,
                          "doc": "The newest check of what it holds against the log."
                        }
                      ]
                    }
                  },
                  "doc": "All generations, oldest first."
                },
                {
                  "name": "flips",
                  "default": [],
                  "doc": "The newest flips and rollbacks, oldest first.",
                  "type": {
                    "type": "array",
                    "items": {
                      "type": "record",
                      "name": "Flip",
                      "fields": [
                        {
                          "name": "kind",
                          "type": "string",
                          "doc": "flip or rollback."
                        },
                        {
                          "name": "from",
                          "type": [
                            "null",
                            "int"
                          ],
                          "default": null,
                          "doc": "Number of the generation that was live before."
                        },
                        {
                          "name": "to",
                          "type": "int",
                          "doc": "Number of the generation that went live."
                        },
                        {
                          "name": "at",
                          "type": {
                            "type": "long",
                            "logicalType": "timestamp-millis"
                          },
                          "doc": "Epoch milliseconds, UTC."
                        },
                        {
                          "name": "by",
                          "type": "string",
                          "doc": "Who asked for it."
                        },
                        {
                          "name": "forced",
                          "type": "boolean",
                          "default": false,
                          "doc": "Something stood against it, and who asked for it said that it be done all the same."
                        },
                        {
                          "name": "note",
                          "type": [
                            "null",
                            "string"
                          ],
                          "default": null,
                          "doc": "What stood against it or was not known, and the reason that was given; null: nothing."
                        }
                      ]
                    }
                  }
                }
              ]
            },
            "doc": "The entity's full state after the fact."
          }
        ]
      }
    ]
  } as StreamContract<ViewGenerations>,
  redrive: {
    "name": "redrive",
    "topic": "reprise.redrive",
    "subject": "reprise.redrive-value",
    "partitions": 1,
    "retention": "compacted",
    "key": "letterId",
    "settings": {
      "cleanup.policy": "compact",
      "delete.retention.ms": "604800000",
      "min.compaction.lag.ms": "0",
      "max.compaction.lag.ms": "86400000",
      "min.cleanable.dirty.ratio": "0.5"
    },
    "schema": {
      "type": "record",
      "name": "RedriveEvent",
      "namespace": "reprise.platform",
      "doc": "What an operator asked for a dead letter.",
      "fields": [
        {
          "name": "event",
          "type": "string",
          "doc": "Past-tense name of the fact."
        },
        {
          "name": "version",
          "type": "long",
          "doc": "Version of the entity after the fact: 1, 2, 3 ..."
        },
        {
          "name": "occurredAt",
          "type": {
            "type": "long",
            "logicalType": "timestamp-millis"
          },
          "doc": "Epoch milliseconds, UTC."
        },
        {
          "name": "changed",
          "type": {
            "type": "array",
            "items": "string"
          },
          "default": [],
          "doc": "Fields of the state that the fact changed."
        },
        {
          "name": "deleted",
          "type": "boolean",
          "default": false,
          "doc": "True for the fact after which the entity is gone."
        },
        {
          "name": "state",
          "type": {
            "type": "record",
            "name": "RedriveRequest",
            "fields": [
              {
                "name": "requestId",
                "type": "string",
                "doc": "Names the request."
              },
              {
                "name": "letterId",
                "type": "string",
                "doc": "The dead letter that it is about."
              },
              {
                "name": "view",
                "type": "string",
                "doc": "Name of the view."
              },
              {
                "name": "generation",
                "type": "int",
                "doc": "Number of the generation."
              },
              {
                "name": "action",
                "type": "string",
                "doc": "redrive or discard."
              },
              {
                "name": "reason",
                "type": [
                  "null",
                  "string"
                ],
                "doc": "Why it is discarded.",
                "default": null
              },
              {
                "name": "requestedAt",
                "type": "long",
                "doc": "Epoch milliseconds, UTC."
              },
              {
                "name": "actor",
                "type": "string",
                "doc": "Who asked."
              }
            ]
          },
          "doc": "The entity's full state after the fact."
        }
      ]
    }
  } as StreamContract<RedriveRequest>,
  shadowRead: {
    "name": "shadow-read",
    "topic": "reprise.shadow-read",
    "subject": "reprise.shadow-read-value",
    "partitions": 1,
    "retention": "compacted",
    "key": "id",
    "settings": {
      "cleanup.policy": "compact",
      "delete.retention.ms": "604800000",
      "min.compaction.lag.ms": "0",
      "max.compaction.lag.ms": "86400000",
      "min.cleanable.dirty.ratio": "0.5"
    },
    "schema": {
      "type": "record",
      "name": "ShadowReadEvent",
      "namespace": "reprise.platform",
      "doc": "How the answers of a generation compare with those of the live one, as one query service saw them.",
      "fields": [
        {
          "name": "event",
          "type": "string",
          "doc": "Past-tense name of the fact."
        },
        {
          "name": "version",
          "type": "long",
          "doc": "Version of the entity after the fact: 1, 2, 3 ..."
        },
        {
          "name": "occurredAt",
          "type": {
            "type": "long",
            "logicalType": "timestamp-millis"
          },
          "doc": "Epoch milliseconds, UTC."
        },
        {
          "name": "changed",
          "type": {
            "type": "array",
            "items": "string"
          },
          "default": [],
          "doc": "Fields of the state that the fact changed."
        },
        {
          "name": "deleted",
          "type": "boolean",
          "default": false,
          "doc": "True for the fact after which the entity is gone."
        },
        {
          "name": "state",
          "type": {
            "type": "record",
            "name": "ShadowReport",
            "fields": [
              {
                "name": "id",
                "type": "string",
                "doc": "view/generation/instance: what one process saw of one generation."
              },
              {
                "name": "view",
                "type": "string",
                "doc": "Name of the view."
              },
              {
                "name": "generation",
                "type": "int",
                "doc": "Number of the generation that was asked beside the live one."
              },
              {
                "name": "compared",
                "type": "long",
                "doc": "Live reads whose answers were compared, mismatches included."
              },
              {
                "name": "mismatched",
                "type": "long",
                "doc": "Of these, how many stayed different."
              },
              {
                "name": "errors",
                "type": "long",
                "doc": "Shadow reads that failed."
              },
              {
                "name": "dropped",
                "type": "long",
                "doc": "Shadow reads that were not made or came to no result: too many at once, or generations that moved apart."
              },
              {
                "name": "samples",
                "type": {
                  "type": "array",
                  "items": {
                    "type": "record",
                    "name": "ShadowSample",
                    "fields": [
                      {
                        "name": "question",
                        "type": [
                          "null",
                          "string"
                        ],
                        "doc": "What was asked.",
                        "default": null
                      },
                      {
                        "name": "expected",
                        "type": "string",
                        "doc": "What the live generation answered, as JSON, cut."
                      },
                      {
                        "name": "actual",
                        "type": "string",
                        "doc": "What this generation answered, as JSON, cut."
                      },
                      {
                        "name": "at",
                        "type": {
                          "type": "long",
                          "logicalType": "timestamp-millis"
                        },
                        "doc": "Epoch milliseconds, UTC."
                      }
                    ]
                  }
                },
                "doc": "The first mismatches."
              }
            ]
          },
          "doc": "The entity's full state after the fact."
        }
      ]
    }
  } as StreamContract<ShadowReport>,
};

