/** The dead letters straight from Kafka, for the command: no gateway need run. */
import type { KafkaConnection } from "../../common/kafka/client.ts";
import type { Message } from "../../common/kafka/consume_plan.ts";
import { parseTask } from "../../common/messages.ts";
import { readTopic, type Starts } from "../read_topic.ts";
import type { LetterFacts } from "./letter.ts";
import { formatPlace, type LetterPlace, REPLAY_OF } from "./replay.ts";

export interface Letters {
  /** The newest first. */
  letters: LetterFacts[];
  /** How many offsets the topic holds: as many letters, unless transactions left marks between them. */
  total: number;
}

/** The newest letters, at most `limit`. None when there is no such topic. */
export async function readNewest(kafka: KafkaConnection, limit: number): Promise<Letters> {
  const topic = kafka.topics.deadLetters;
  if (!(await kafka.ask((admin) => admin.listTopics())).includes(topic)) return { letters: [], total: 0 };
  const ends = await kafka.ask((admin) => admin.fetchTopicOffsets(topic));
  const total = ends.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
  // With marks of transactions between them, the last so many offsets hold fewer letters: then further back.
  for (let span = 2 * limit; ; span *= 8) {
    const starts = new Map(ends.map(({ partition, high }) => [partition, Math.max(0, Number(high) - span)]));
    const isAll = ends.every(({ partition, low }) => (starts.get(partition) ?? 0) <= Number(low));
    const letters = await read(kafka, starts);
    if (letters.length < limit && !isAll) continue;
    const newest = letters.sort(newestFirst).slice(0, limit);
    await addReplays(kafka, newest);
    return { letters: newest, total };
  }
}

/** The letter at this place, if there is one. */
export async function readLetter(
  kafka: KafkaConnection,
  { partition, offset }: LetterPlace,
): Promise<LetterFacts | undefined> {
  const topic = kafka.topics.deadLetters;
  if (!(await kafka.ask((admin) => admin.listTopics())).includes(topic)) return undefined;
  const ends = await kafka.ask((admin) => admin.fetchTopicOffsets(topic));
  // The other partitions are not read, and of this one no more than has to be.
  const starts = new Map(ends.map((end) => [end.partition, Number(end.high)]));
  starts.set(partition, offset);
  const found = (await read(kafka, starts)).find((letter) => letter.offset === offset);
  if (found !== undefined) await addReplays(kafka, [found]);
  return found;
}

async function read(kafka: KafkaConnection, starts: Starts): Promise<LetterFacts[]> {
  const letters: LetterFacts[] = [];
  await readTopic(kafka, kafka.topics.deadLetters, (message) => letters.push(toFacts(message)), starts);
  return letters;
}

function newestFirst(a: LetterFacts, b: LetterFacts): number {
  return b.at - a.at || b.partition - a.partition || b.offset - a.offset;
}

function toFacts(message: Message): LetterFacts {
  const { partition, offset, timestamp, key, value, unreadable } = message;
  const headers = readHeaders(message);
  const number = (name: string) => {
    const text = headers[name]?.at(-1) ?? "";
    return /^\d{1,15}$/.test(text) ? Number(text) : null;
  };
  return {
    partition,
    offset: Number(offset),
    at: Number(timestamp),
    reason: unreadable?.reason ?? headers.reason?.at(-1) ?? "no reason given",
    original_partition: number("original-partition"),
    original_offset: number("original-offset"),
    key,
    value,
    headers,
    replayed_as: null,
  };
}

/** Each name with its values in order, as text. */
function readHeaders({ headers = {} }: Message): Record<string, string[]> {
  const texts: Record<string, string[]> = Object.create(null);
  for (const [name, values] of Object.entries(headers)) {
    texts[name] = [values].flat().map((value) => value?.toString() ?? "");
  }
  return texts;
}

/**
 * Looks among the tasks that were sent since for those that replay one of the letters; the first one counts.
 */
async function addReplays(kafka: KafkaConnection, letters: readonly LetterFacts[]): Promise<void> {
  if (letters.length === 0) return;
  const byPlace = new Map(letters.map((letter) => [formatPlace(letter), letter]));
  const oldest = Math.min(...letters.map(({ at }) => at));
  const { tasks } = kafka.topics;
  const since = await kafka.ask((admin) => admin.fetchTopicOffsetsByTimestamp(tasks, oldest));
  const starts = new Map(since.map(({ partition, offset }) => [partition, Number(offset)]));
  const firstAt = new Map<LetterFacts, number>();
  await readTopic(kafka, tasks, noteReplay, starts);

  function noteReplay(message: Message): void {
    const [place = null] = [message.headers?.[REPLAY_OF] ?? null].flat();
    const letter = place === null ? undefined : byPlace.get(place.toString());
    const at = Number(message.timestamp);
    if (letter === undefined || at >= (firstAt.get(letter) ?? Number.POSITIVE_INFINITY)) return;
    const task = parseTask(message.value);
    if (!task.ok || task.value.task_id === undefined) return;
    firstAt.set(letter, at);
    letter.replayed_as = task.value.task_id;
  }
}
