/** What each topic's messages mean for the tables. */
import type { Message } from "../../common/kafka/consume_plan.ts";
import type { Database } from "../../common/sqlite.ts";
import { DeadLetters, prepareDeadLetters } from "./apply_dead_letters.ts";
import { EarlyEvents, prepareEvents } from "./apply_events.ts";
import { prepareKeys } from "./apply_keys.ts";
import { prepareResults } from "./apply_results.ts";
import { prepareTasks } from "./apply_tasks.ts";
import { Figures } from "./figures.ts";
import { Forgotten } from "./forgotten.ts";
import { TaskRows } from "./task_rows.ts";
import type { ReadTopic } from "./types.ts";

/** The topics' full names. */
export type TopicsByKind = Readonly<Record<ReadTopic, string>>;

/** What the rules of all topics share. */
export interface Writing {
  topics: TopicsByKind;
  rows: TaskRows;
  figures: Figures;
  early: EarlyEvents;
  deadLetters: DeadLetters;
  forgotten: Forgotten;
  timeOf(message: Message): number;
}

export interface Rules {
  /** By topic: applies one message. To be called within a transaction. */
  apply: Readonly<Record<ReadTopic, (message: Message) => void>>;
  rows: TaskRows;
  figures: Figures;
  early: EarlyEvents;
  forgotten: Forgotten;
}

/** Prepares all rules for this database, as it is now. Finished tasks are kept for `keepMs`. */
export function prepareRules(
  database: Database,
  topics: TopicsByKind,
  keepMs = Number.POSITIVE_INFINITY,
): Rules {
  const figures = new Figures(database);
  const rows = new TaskRows(database, figures);
  const forgotten = new Forgotten(rows, keepMs);
  const early = new EarlyEvents(rows);
  const deadLetters = new DeadLetters(rows);
  const writing: Writing = { topics, rows, figures, early, deadLetters, forgotten, timeOf };
  const apply = {
    tasks: prepareTasks(writing),
    results: prepareResults(writing),
    deadLetters: prepareDeadLetters(writing),
    events: prepareEvents(writing),
    keys: prepareKeys(writing),
  };
  return { apply, rows, figures, early, forgotten };
}

/**
 * Milliseconds since 1970. A message without a time has -1. What lies in the future was sent by a clock that
 * is ahead: taken at its word it would never be old enough to be forgotten, nor what came behind it.
 */
function timeOf({ timestamp }: Message): number {
  return Math.min(Date.now(), Math.max(0, Number(timestamp)));
}
