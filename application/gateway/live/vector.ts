/**
 * A vector of offsets says up to where a live event reflects the log: for each topic, the next offset of each
 * partition. As text it is the event's id, so any gateway on the same log can go on from it.
 */
import type { Positions, ReadTopic } from "../../view/types.ts";

/** The topics whose messages are changes. */
const TOPICS = ["tasks", "results", "deadLetters", "events"] as const satisfies ReadTopic[];
export type VectorTopic = (typeof TOPICS)[number];
export type Vector = Readonly<Record<VectorTopic, readonly number[]>>;

/** More than any topic of ours has, and a limit for what comes from outside. */
const MOST_PARTITIONS = 1000;
const FORMAT = /^([\w-]{1,40})~([0-9a-z.]*)~([0-9a-z.]*)~([0-9a-z.]*)~([0-9a-z.]*)~([0-9a-z]*)$/;

/** What an event's id says. */
export interface EventId {
  /** Names the log whose offsets these are: offsets of another one mean nothing. */
  log: string;
  vector: Vector;
  /**
   * The time of the last task before the vector in the longest partition, 0 if that is not known: a topic
   * that was deleted and made anew has the same name and the same offsets, and other tasks.
   */
  witness: number;
}

/** From the positions of a view; what it has not read of is 0. */
export function toVector(positions: Positions): Vector {
  const list = (topic: VectorTopic) => {
    const offsets = positions[topic] ?? {};
    const length = Math.max(-1, ...Object.keys(offsets).map(Number)) + 1;
    return Array.from({ length }, (_, partition) => offsets[partition] ?? 0);
  };
  return {
    tasks: list("tasks"),
    results: list("results"),
    deadLetters: list("deadLetters"),
    events: list("events"),
  };
}

/** An id as one line: the log, the offsets of each topic in base 36, the witness. */
export function formatId({ log, vector, witness }: EventId): string {
  const offsets = (topic: VectorTopic) => vector[topic].map((offset) => offset.toString(36)).join(".");
  return [log, ...TOPICS.map(offsets), witness.toString(36)].join("~");
}

/** Undefined for what is no id of an event. */
export function parseId(text: string): EventId | undefined {
  const [, log, ...rest] = FORMAT.exec(text) ?? [];
  if (log === undefined) return undefined;
  const numbers = rest.map((list) => list.split(".").filter(Boolean).map(fromText));
  if (numbers.some(({ length }) => length > MOST_PARTITIONS)) return undefined;
  if (!numbers.flat().every(Number.isSafeInteger)) return undefined;
  const [tasks = [], results = [], deadLetters = [], events = [], [witness = 0] = []] = numbers;
  return { log, vector: { tasks, results, deadLetters, events }, witness };
}

const fromText = (offset: string) => Number.parseInt(offset, 36);

/** The place of the task that `witness` is about. */
export function witnessPlace({ tasks }: Vector): { partition: number; offset: number } | undefined {
  const end = Math.max(0, ...tasks);
  return end === 0 ? undefined : { partition: tasks.indexOf(end), offset: end - 1 };
}

/** How many messages lie between them; negative when `to` is behind `from` in any partition. */
export function distance(from: Vector, to: Vector): number {
  let sum = 0;
  for (const topic of TOPICS) {
    const length = Math.max(from[topic].length, to[topic].length);
    for (let partition = 0; partition < length; partition += 1) {
      const messages = (to[topic][partition] ?? 0) - (from[topic][partition] ?? 0);
      if (messages < 0) return -1;
      sum += messages;
    }
  }
  return sum;
}
