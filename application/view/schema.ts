/**
 * The tables of the view: what the topics say, in a form that can be asked. Delete the file, and it is made
 * anew.
 */

/** Raise it with each change of TABLES: a view of another version is rebuilt. */
export const SCHEMA_VERSION = 5;

/** As numbers in the database: `status` of `task`. The last three are final. */
export const STATUSES = ["PENDING", "STARTED", "SUCCESS", "FAILED", "CANCELLED"] as const;
export type Status = (typeof STATUSES)[number];
/** The first status that is final. */
export const FIRST_FINAL = STATUSES.indexOf("SUCCESS");

/** Seconds of one row of `figure`. */
export const BUCKET_SECONDS = 5;

/** Times are milliseconds since 1970, as Kafka's are. */
export const TABLES = `
  CREATE TABLE task (
    -- In the order in which the view met them.
    seq INTEGER PRIMARY KEY,
    -- The task's id; a task of stage 4 has none, and gets "<partition>@<offset>".
    id TEXT NOT NULL UNIQUE,
    -- Its place and time in tasks. NULL while the view knows only its result.
    partition INTEGER, "offset" INTEGER, accepted_at INTEGER,
    -- Where it stands in lists: accepted_at, or ended_at while the view knows only its result.
    at INTEGER NOT NULL,
    sepal_length REAL, sepal_width REAL, petal_length REAL, petal_width REAL,
    -- The number of a status in STATUSES.
    status INTEGER NOT NULL DEFAULT 0,
    -- How often it was begun, as far as workers announced it.
    starts INTEGER NOT NULL DEFAULT 0,
    worker TEXT, started_at INTEGER, duration_ms INTEGER,
    -- 1: worker and started_at are what the result says of them, so that no STARTED changes them.
    is_told INTEGER NOT NULL DEFAULT 0,
    -- Time and place of the record on results that decided. The lowest offset counts. A task without such
    -- a record can be FAILED by its dead letter: then result_offset is NULL, and a record still decides.
    ended_at INTEGER, result_offset INTEGER,
    iris_type INTEGER, probabilities TEXT, model TEXT,
    error_code TEXT, error_message TEXT,
    cancel_requested_at INTEGER,
    -- "<partition>/<offset>" of the dead letter that this task replays.
    replay_of TEXT
  );
  CREATE INDEX task_place ON task (partition, "offset");
  CREATE INDEX task_result ON task (result_offset) WHERE result_offset IS NOT NULL;
  CREATE INDEX task_open ON task (partition, "offset") WHERE status < 2;
  CREATE INDEX task_started ON task (partition) WHERE status = 1;
  CREATE INDEX task_odd ON task (status, at) WHERE status > 2;
  CREATE INDEX task_at ON task (at, id);
  CREATE INDEX task_replay ON task (replay_of) WHERE replay_of IS NOT NULL;
  -- Messages of task-events. kind: 1 STARTED, 2 CANCEL_REQUESTED.
  CREATE TABLE task_event (
    "offset" INTEGER PRIMARY KEY, id TEXT NOT NULL, kind INTEGER NOT NULL, at INTEGER NOT NULL,
    worker TEXT, partition INTEGER, task_offset INTEGER,
    -- 1: the view does not know the task yet.
    is_early INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX task_event_id ON task_event (id);
  CREATE INDEX task_event_early ON task_event (id) WHERE is_early = 1;
  -- Records of results that changed nothing, since another one was first.
  CREATE TABLE late_result (
    "offset" INTEGER PRIMARY KEY, id TEXT NOT NULL, at INTEGER NOT NULL, worker TEXT, outcome TEXT NOT NULL
  );
  CREATE INDEX late_result_id ON late_result (id);
  CREATE TABLE dead_letter (
    partition INTEGER NOT NULL, "offset" INTEGER NOT NULL, at INTEGER NOT NULL,
    reason TEXT NOT NULL, original_partition INTEGER, original_offset INTEGER,
    key BLOB, value BLOB,
    -- JSON: {name: [values]}, each value as text.
    headers TEXT NOT NULL,
    -- The id of the task that is its replay, if there is one.
    replayed_as TEXT,
    PRIMARY KEY (partition, "offset")
  ) WITHOUT ROWID;
  CREATE INDEX dead_letter_at ON dead_letter (at, partition, "offset");
  CREATE INDEX dead_letter_original ON dead_letter (original_partition, original_offset);
  CREATE TABLE idempotency_key (
    key TEXT PRIMARY KEY, id TEXT NOT NULL, hash TEXT NOT NULL, at INTEGER NOT NULL, "offset" INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX idempotency_key_at ON idempotency_key (at);
  -- Tasks that are no longer kept, and since when.
  CREATE TABLE forgotten (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX forgotten_at ON forgotten (at);
  -- What happened in each BUCKET_SECONDS, by the messages' times. waited and worked are JSON: by the upper
  -- bound of a step how many, and how long all together, in milliseconds (see durations.ts).
  CREATE TABLE figure (
    bucket INTEGER PRIMARY KEY,
    accepted INTEGER NOT NULL, answered INTEGER NOT NULL, failed INTEGER NOT NULL,
    cancelled INTEGER NOT NULL, dead INTEGER NOT NULL,
    waited TEXT NOT NULL, worked TEXT NOT NULL
  );
  -- The same since the log began: accepted, answered, failed, cancelled, dead, waited (JSON), worked (JSON).
  CREATE TABLE total (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
  -- Where each partition goes on.
  CREATE TABLE position (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
    -- The last message that was read: tells whether the topic is still the same. Behind it may have been
    -- marks of transactions.
    last_offset INTEGER, last_timestamp TEXT,
    PRIMARY KEY (topic, partition)
  ) WITHOUT ROWID;
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;

/** A row of `task`. */
export interface TaskRow {
  seq: number;
  id: string;
  partition: number | null;
  offset: number | null;
  accepted_at: number | null;
  at: number;
  sepal_length: number | null;
  sepal_width: number | null;
  petal_length: number | null;
  petal_width: number | null;
  status: number;
  starts: number;
  worker: string | null;
  started_at: number | null;
  duration_ms: number | null;
  is_told: 0 | 1;
  ended_at: number | null;
  result_offset: number | null;
  iris_type: 0 | 1 | 2 | null;
  probabilities: string | null;
  model: string | null;
  error_code: string | null;
  error_message: string | null;
  cancel_requested_at: number | null;
  replay_of: string | null;
}
