/** The tables of the results, and the same in types: what SQLite gives back is parsed, too. */
import * as v from "valibot";
import { measurementsSchema, SPECIES } from "./iris.ts";

/** Where a message lay in Kafka, and its time (milliseconds since 1970). As text: both have 64 bits. */
const placeSchema = { topic: v.string(), partition: v.number(), offset: v.string(), timestamp: v.string() };
export const predictionSchema = v.object({
  ...measurementsSchema.entries,
  iris_type: v.picklist([0, 1, 2]),
  species: v.picklist(SPECIES),
  task_id: v.nullable(v.string()),
  worker: v.nullable(v.string()),
  model: v.nullable(v.string()),
  ...placeSchema,
});
export const failureSchema = v.object({
  task_id: v.string(),
  code: v.string(),
  message: v.string(),
  worker: v.nullable(v.string()),
  ...placeSchema,
});
const stored = { id: v.number(), stored_at: v.string() };
export const historySchema = v.object({
  counts: v.array(v.object({ species: v.string(), count: v.number() })),
  latest: v.array(v.object({ ...stored, ...predictionSchema.entries })),
  failures: v.array(v.object({ ...stored, ...failureSchema.entries })),
});

/** A row of iris_prediction, but for its id and the time it was stored; likewise of iris_failure. */
export type StoredPrediction = v.InferOutput<typeof predictionSchema>;
export type StoredFailure = v.InferOutput<typeof failureSchema>;
/** What history.ts shows. */
export type History = v.InferOutput<typeof historySchema>;

/**
 * Kafka and SQLite share no transaction, so a result can come twice, and the database sorts that out: by
 * where it lay in Kafka, and by the task's id, since a task that was done twice has two results in two
 * places. The message's time is part of the place because a topic that was deleted and made again counts its
 * offsets from 0.
 */
const PLACE = `topic TEXT NOT NULL,
    partition INTEGER NOT NULL, "offset" TEXT NOT NULL, timestamp TEXT NOT NULL,
    stored_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    UNIQUE (topic, partition, "offset", timestamp)`;
export const TABLES = `
  CREATE TABLE IF NOT EXISTS iris_prediction (
    id INTEGER PRIMARY KEY,
    sepal_length REAL NOT NULL, sepal_width REAL NOT NULL,
    petal_length REAL NOT NULL, petal_width REAL NOT NULL,
    iris_type INTEGER NOT NULL CHECK (iris_type IN (0, 1, 2)),
    species TEXT NOT NULL,
    task_id TEXT UNIQUE,
    worker TEXT, model TEXT,
    ${PLACE}
  );
  CREATE TABLE IF NOT EXISTS iris_failure (
    id INTEGER PRIMARY KEY,
    task_id TEXT NOT NULL UNIQUE, code TEXT NOT NULL, message TEXT NOT NULL, worker TEXT,
    ${PLACE}
  );
  CREATE TABLE IF NOT EXISTS kafka_position (
    topic TEXT NOT NULL, partition INTEGER NOT NULL,
    last_offset TEXT NOT NULL, last_timestamp TEXT NOT NULL,
    PRIMARY KEY (topic, partition)
  )`;

/**
 * For one connection, and not in the file: a persister of the stages may write to the same database.
 */
export const FIRST_IS_FINAL = `
  CREATE TEMP TRIGGER answer_after_failure BEFORE INSERT ON main.iris_prediction
    WHEN EXISTS (SELECT 1 FROM main.iris_failure WHERE task_id = NEW.task_id)
    BEGIN SELECT RAISE(IGNORE); END;
  CREATE TEMP TRIGGER failure_after_answer BEFORE INSERT ON main.iris_failure
    WHEN EXISTS (SELECT 1 FROM main.iris_prediction WHERE task_id = NEW.task_id)
    BEGIN SELECT RAISE(IGNORE); END`;

/** The last message of a partition that the database holds. */
export const positionSchema = v.object({ last_offset: v.string(), last_timestamp: v.string() });
export type Position = v.InferOutput<typeof positionSchema>;
