/** What each topic's messages mean for the tables. */
import type { Message } from "../../common/kafka/consume_plan.ts";
import type { Database } from "../../common/sqlite.ts";
import { DeadLetters, prepareDeadLetters } from "./apply_dead_letters.ts";
import { EarlyEvents, prepareEvents } from "./apply_events.ts";
import { prepareKeys } from "./apply_keys.ts";
import { prepareResults } from "./apply_results.ts";
import { prepareTasks } from "./apply_tasks.ts";
import { Figures } from "./figures.ts";
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
  forgotten: Forgotten;
}

/** Prepares all rules for this database, as it is now. */
export function prepareRules(database: Database, topics: TopicsByKind): Rules {
  const figures = new Figures(database);
  const rows = new TaskRows(database, figures);
  const forgotten = new Forgotten(rows);
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
  return { apply, rows, figures, forgotten };
}

/** A message without a time has -1. */
function timeOf({ timestamp }: Message): number {
  return Math.max(0, Number(timestamp));
}

/** The ids of tasks that are no longer kept. */
export class Forgotten {
  readonly #rows: TaskRows;
  #any: boolean;

  constructor(rows: TaskRows) {
    this.#rows = rows;
    this.#any = rows.prepare("SELECT 1 FROM forgotten LIMIT 1").get() !== undefined;
  }

  add(id: string, at: number): void {
    this.#any = true;
    this.#rows.prepare("INSERT INTO forgotten (id, at) VALUES (?, ?) ON CONFLICT DO NOTHING").run(id, at);
  }

  has(id: string): boolean {
    // Nothing is forgotten on most days, and this is asked for each message.
    return this.#any && this.#rows.prepare("SELECT 1 FROM forgotten WHERE id = ?").get(id) !== undefined;
  }
}
