/**
 * Where each figure comes from, and the command that prints the same. The gateway's GET /figures reads the
 * commands of its figures here, too.
 */

/** @typedef {{ title: string, from: string, command: string }} Source */

const QUEUE = "curl -s {origin}/queue";
const METRICS = "curl -s {origin}/metrics";

/** @satisfies {Readonly<Record<string, Source>>} */
const SOURCES = {
  waiting: {
    title: "waiting",
    from: "All partitions of tasks: end less committed, without what is in progress.",
    command: QUEUE,
  },
  in_progress: {
    title: "in progress",
    from:
      "Begun and not answered: announced on task-events by a worker that needs longer than 20 ms, " +
      "else the first uncommitted task of a partition that has an owner.",
    command: QUEUE,
  },
  accepted: {
    title: "accepted",
    from: "Messages of tasks, whoever sent them.",
    command: METRICS,
  },
  answered: {
    title: "answered",
    from: "Records with an answer on results, the first for each task; a second: of the last 10 s.",
    command: METRICS,
  },
  failed: {
    title: "failed",
    from: "Records with an error on results, such as a task with an id that cannot be read.",
    command: "curl -s '{origin}/tasks?status=FAILED'",
  },
  cancelled: {
    title: "cancelled",
    from: "Records on results with the error CANCELLED.",
    command: "curl -s '{origin}/tasks?status=CANCELLED'",
  },
  oldest_seconds: {
    title: "oldest",
    from: "Since when the task waits that was accepted first, by the time that its message carries.",
    command: QUEUE,
  },
  stored: {
    title: "stored",
    from: "Rows of iris_prediction in the persister's SQLite database.",
    command: "npx tsx 4_message_queue/history.ts --limit 1",
  },
  waited: {
    title: "time waiting",
    from: "From the time that a task's message carries to started_at of its answer.",
    command: METRICS,
  },
  worked: {
    title: "time working",
    from: "duration_ms of the answers on results.",
    command: METRICS,
  },
  dead_letters: {
    title: "dead letters",
    from: "Messages of tasks-dlt: what no worker could read, each with its reason in a header.",
    command: "npm run dead-letters",
  },
  lanes: {
    title: "partitions",
    from:
      "A lane is a partition of tasks. Kafka tells the owner, the committed offset of task_consumer_group " +
      "and the end; the ids are read from the messages, oldest first.",
    command: QUEUE,
  },
  committed: {
    title: "committed",
    from: "The offset that the group reads next in this partition: all before it is done.",
    command: QUEUE,
  },
  end: { title: "end", from: "The offset that the next message of this partition will get.", command: QUEUE },
  lane_waiting: {
    title: "waiting",
    from: "The end less the committed offset, without the task in progress.",
    command: QUEUE,
  },
  lane_oldest: {
    title: "oldest",
    from: "Since when the first task that waits in this partition is there, by the time of its message.",
    command: QUEUE,
  },
  workers: {
    title: "workers",
    from:
      "The members of the group task_consumer_group, as Kafka knows them; done: the answers " +
      "on results that name them.",
    command: "npm run doctor",
  },
  timeline: {
    title: "last minute",
    from:
      "started_at and duration_ms of the answers on results; rebalances as the gateway saw the owners " +
      "change.",
    command: "curl -s '{origin}/tasks?limit=20'",
  },
};

/** @type {ReadonlyMap<string, Source>} */
const BY_KEY = new Map(Object.entries(SOURCES));

/**
 * @param {string} key @param {string} origin Where the gateway is reached.
 * @returns {Source | undefined}
 */
export function sourceOf(key, origin) {
  const source = BY_KEY.get(key);
  return source && { ...source, command: fill(source.command, origin) };
}

/**
 * The command of a figure that is known to have one.
 * @param {keyof typeof SOURCES} key @param {string} origin
 */
export const commandOf = (key, origin) => fill(SOURCES[key].command, origin);

/** @param {string} command @param {string} origin */
const fill = (command, origin) => command.replaceAll("{origin}", origin);
