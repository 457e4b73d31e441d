/** What the gateway's main thread and the thread of its view tell each other. */
import type { KafkaSettings } from "../../common/kafka/settings.ts";
import type { Positions, ReadTopic } from "./types.ts";

/** What the thread is started with. */
export interface ThreadData {
  file: string;
  settings: KafkaSettings;
  keepMs: number;
  /** Two numbers: how many in the main thread wait at this moment for offsets, and for a change of a task. */
  waiting: SharedArrayBuffer;
}

export type ToThread =
  /** Where do these topics end? */
  | { kind: "ask"; ask: number; topics: readonly ReadTopic[] }
  /** Somebody waits for what has been read and is not written yet. */
  | { kind: "hurry" }
  | { kind: "owners"; owners: ReadonlyMap<number, string | undefined> }
  | { kind: "close" };

export type FromThread =
  /** The database can be opened; the thread reads. */
  | { kind: "ready" }
  /** After a transaction: where it has brought the view, and whose tasks it has changed. */
  | { kind: "committed"; positions: Positions; ids: readonly string[] }
  /** The database was emptied: another cluster, or a topic that was made anew. */
  | { kind: "emptied" }
  /** Where the topics end, as Kafka told just now. `ask` is that of the question, if somebody asked. */
  | { kind: "ends"; ask: number | undefined; ends: Positions }
  | { kind: "noAnswer"; ask: number; error: FaultMessage }
  | { kind: "say"; line: string }
  | { kind: "failed"; error: FaultMessage }
  | { kind: "closed" };

/** A ProgramError: its class does not survive the way between two threads. */
export interface FaultMessage {
  message: string;
  kind: string | undefined;
  fix: string | undefined;
  /** Whether it is a KafkaError; undefined for an error of another kind, which is a fault of ours. */
  isKafka: boolean | undefined;
}
