/** The view on a real Kafka: it follows, goes on where it was, and is made anew when it is another one. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Partitioners, type Producer, type RecordMetadata } from "kafkajs";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { connectKafka } from "../../common/kafka/client.ts";
import { readKafkaSettings } from "../../common/kafka/settings.ts";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { eventually } from "../../tests/support/kafka_state.ts";
import { startOwnBroker } from "../../tests/support/own_broker.ts";
import { FATES, PARTITIONS, type Plan, send } from "../../tests/support/task_fates.ts";
import { dump, type Lane, layOut, read, type Sent, TOPICS, X } from "../../tests/support/view_log.ts";
import { ensureApplicationTopics } from "../topics.ts";
import { openView } from "./open_view.ts";
import { findTask } from "./queries.ts";
import { READ_TOPICS, type ReadTopic, type View } from "./types.ts";

const KEEP_MS = 24 * 3_600_000;

let sandbox: KafkaSandbox;
let producer: Producer;
let folder: string;
let file: string;
let said: string[];
let views: View[];
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  const kafka = await connectKafka(readKafkaSettings(sandbox.env), "test");
  await ensureApplicationTopics(kafka, PARTITIONS);
  await kafka.close();
  producer = sandbox.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  folder = mkdtempSync(join(tmpdir(), "iris-view-"));
  file = join(folder, "view.db");
  said = [];
  views = [];
});
afterEach(async () => {
  await Promise.all(views.map((view) => view.close()));
  await producer.disconnect();
  await sandbox.close();
  rmSync(folder, { recursive: true, maxRetries: 20 });
});

const nameOf = (topic: ReadTopic) => sandbox.prefix + TOPICS[topic];

async function open(name = "view.db", settings = readKafkaSettings(sandbox.env)): Promise<View> {
  const say = (line: string) => said.push(line);
  const view = await openView({ file: join(folder, name), settings, keepMs: KEEP_MS, say });
  views.push(view);
  return view;
}

async function close(view: View): Promise<void> {
  views = views.filter((other) => other !== view);
  await view.close();
}

/** Sends each lane to its partition, from the message `from` on. */
async function sendLanes(lanes: Map<string, Lane>, from = 0, to = Number.POSITIVE_INFINITY): Promise<void> {
  const topicMessages = [...lanes].map(([name, lane]) => {
    const messages = lane.slice(from, to).map(({ partition, key, value, headers = {}, timestamp }) => ({
      ...{ partition, key, value, timestamp },
      headers: headers as Record<string, Buffer>,
    }));
    return { topic: nameOf(name.split(" ")[0] as ReadTopic), messages };
  });
  await producer.sendBatch({ topicMessages: topicMessages.filter(({ messages }) => messages.length > 0) });
}

/** Tasks of every fate, several times, and claims of keys. */
function everything(): Map<string, Lane> {
  const now = Date.now();
  const planned = Array.from({ length: 5 * FATES.length }, (_, index): Plan => {
    const fate = FATES[index % FATES.length] ?? "waiting";
    return {
      fate,
      partition: index % PARTITIONS,
      at: now - 60_000 + index * 100,
      wait: index,
      took: index % 7,
    };
  });
  const claims = ["k", "l", "k"].map(
    (key, index): Sent => ({ topic: "keys", key, value: { id: `id-${index}`, hash: "h" }, at: now + index }),
  );
  return new Map([...send(planned, [][Symbol.iterator]()), ...layOut(claims)]);
}

/** What the rules make of these lanes; original-topic has the name that it has here. */
function expected(lanes: Map<string, Lane>) {
  return dump(read(lanes).database);
}

/** The dead letters name the topic in full. */
function renamed(lanes: Map<string, Lane>): Map<string, Lane> {
  for (const message of lanes.get("deadLetters 0") ?? []) {
    const { headers = {} } = message;
    if (headers["original-topic"] !== undefined) headers["original-topic"] = Buffer.from(nameOf("tasks"));
  }
  return lanes;
}

test("follows all topics, goes on where it was, and is the same when it is made anew", async () => {
  const lanes = everything();
  const wanted = expected(lanes);
  await sendLanes(renamed(lanes), 0, 10);
  const view = await open();
  await view.readToEnd();
  expect(view.progress()).toMatchObject({ isCaughtUp: true, behind: 0 });
  await sendLanes(lanes, 10, 20);
  await view.readToEnd();
  await close(view);
  expect(await listGroups()).toEqual([]);

  await sendLanes(lanes, 20);
  const again = await open();
  await again.readToEnd();
  const other = await open("other.db");
  await other.readToEnd();
  const [one, two] = [dump(again.database), dump(other.database)];
  expect(two).toEqual(one);
  expect(withPlainTopics(one)).toEqual(wanted);
  expect(said).toEqual([]);
});

/** As it would be without the prefix of this test. */
function withPlainTopics(dumped: ReturnType<typeof dump>): ReturnType<typeof dump> {
  const letters = dumped.letters.map(({ headers, ...letter }) => ({
    ...letter,
    headers: String(headers).replaceAll(nameOf("tasks"), TOPICS.tasks),
  }));
  return { ...dumped, letters } as ReturnType<typeof dump>;
}

async function listGroups(): Promise<string[]> {
  const { groups } = await sandbox.admin.listGroups();
  return groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(`${sandbox.prefix}gateway_view_`));
}

const task = (task_id: string) => ({ value: JSON.stringify({ task_id, X }) });
const answer = (task_id: string) => ({ value: JSON.stringify({ task_id, X, y: { iris_type: 1 } }) });

async function sendTo(topic: ReadTopic, ...messages: { value: string }[]): Promise<RecordMetadata[]> {
  return await producer.send({
    topic: nameOf(topic),
    messages: messages.map((one) => ({ ...one, partition: 0 })),
  });
}

test("tells who waits: of a place in the log, and of a task that it does not know yet", async () => {
  const view = await open();
  const change = view.changed("a", AbortSignal.timeout(100_000));
  const [place] = await sendTo("tasks", task("a"));
  await view.reached({ tasks: { 0: Number(place?.baseOffset) + 1 } });
  await change;
  expect(findTask(view.database, "a")?.status).toBe(0);
  const answered = view.changed("a", AbortSignal.timeout(100_000));
  await sendTo("results", answer("a"));
  await answered;
  expect(findTask(view.database, "a")?.status).toBe(2);
  await expect(view.changed("b", AbortSignal.abort(new Error("no time")))).rejects.toThrow("no time");
});

/** A program that holds a view until it is killed, or the view fails. */
function holdView(): string {
  const program = join(folder, "hold_view.mts");
  const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  writeFileSync(
    program,
    `import { openView } from ${module("./open_view.ts")};
import { readKafkaSettings } from ${module("../../common/kafka/settings.ts")};
const settings = readKafkaSettings(process.env);
const view = await openView({ file: ${JSON.stringify(file)}, settings, keepMs: ${KEEP_MS} });
view.onCommit(() => console.log("committed"));
console.log("reads");
view.finished.catch(({ message }) => {
  console.error(message);
  process.exit(1);
});`,
  );
  return program;
}

test("a view whose process was killed goes on: nothing is missing, nothing is there twice", async () => {
  const program = holdView();
  const ids = Array.from({ length: 3000 }, () => randomUUID());
  const count = async (view: View) => {
    await view.readToEnd();
    const row = view.database
      .prepare("SELECT count(*) AS tasks, sum(status = 2) AS answered FROM task")
      .get();
    return { ...row };
  };
  for (let round = 0; round < 3; round += 1) {
    const held = sandbox.start(program);
    await held.waitFor(/reads/);
    const part = ids.slice(round * 1000, (round + 1) * 1000);
    const seen = held.mark();
    await sendTo("tasks", ...part.map(task));
    const sending = Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        sendTo("results", ...part.slice(index * 50, (index + 1) * 50).map(answer)),
      ),
    );
    await held.waitFor(/committed/, seen);
    await held.kill();
    await sending;
  }
  const view = await open();
  expect(await count(view)).toEqual({ tasks: 3000, answered: 3000 });
  const fresh = await open("fresh.db");
  await fresh.readToEnd();
  expect(dump(view.database)).toEqual(dump(fresh.database));
  expect(said).toEqual([]);
  // Those of the killed processes are deleted when their sessions have ended.
  await eventually(async () => (await listGroups()).length === 2 * READ_TOPICS.length);
});

/** Deletes the topics, and makes them again. */
async function makeTopicsAnew(): Promise<void> {
  await sandbox.admin.deleteTopics({ topics: READ_TOPICS.map(nameOf) });
  // An admin that has asked for a topic asks for it again and again, and fails when it is gone.
  const other = await connectKafka(readKafkaSettings(sandbox.env), "test");
  const names = () => other.ask((admin) => admin.listTopics());
  await eventually(async () => !(await names()).some((name) => name.startsWith(sandbox.prefix)));
  await ensureApplicationTopics(other, PARTITIONS);
  await other.close();
}

test("topics that were made anew while it was closed: nothing of the old ones is left", async () => {
  await sendTo("tasks", task("old-1"), task("old-2"));
  await sendTo("results", answer("old-1"));
  const view = await open();
  await view.readToEnd();
  await close(view);
  await makeTopicsAnew();
  // As many as before: only the messages themselves tell that they are others.
  await sendTo("tasks", task("new-1"), task("new-2"));
  await sendTo("results", answer("new-1"));
  const again = await open();
  await again.readToEnd();
  expect(findTask(again.database, "new-1")?.status).toBe(2);
  expect(dump(again.database).tasks.map(({ id }) => id)).toEqual(["new-1", "new-2"]);
  expect(dump(again.database).totals).toContainEqual({ name: "accepted", value: 2 });
  expect(said).toEqual([expect.stringMatching(/ is not what this view has read before: it is made anew/)]);

  await close(again);
  await makeTopicsAnew();
  const empty = await open();
  await empty.readToEnd();
  expect(dump(empty.database)).toMatchObject({ tasks: [], totals: [] });
});

test("topics that are made anew while it reads", async () => {
  const view = await open();
  await sendTo("tasks", task("old-1"), task("old-2"));
  await view.readToEnd();
  await makeTopicsAnew();
  await sendTo("tasks", task("new"));
  await eventually(async () => {
    await view.readToEnd().catch(() => {}); // While the topics are away.
    return findTask(view.database, "new") !== undefined;
  });
  expect(dump(view.database).tasks.map(({ id }) => id)).toEqual(["new"]);
  const change = view.changed("newer", AbortSignal.timeout(100_000));
  await sendTo("tasks", task("newer"));
  await change;
});

test("another cluster with the same topics: the view is made anew, and nothing is mixed", async () => {
  await sendTo("tasks", task("here"));
  const view = await open();
  await view.readToEnd();
  await close(view);
  const own = await startOwnBroker();
  try {
    const env = { ...sandbox.env, KAFKA_BROKERS: own.broker.brokers };
    const there = await connectKafka(readKafkaSettings(env), "test");
    await ensureApplicationTopics(there, PARTITIONS);
    const sender = own.sandbox.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await sender.connect();
    // In the same place.
    await sender.send({ topic: nameOf("tasks"), messages: [{ ...task("there"), partition: 0 }] });
    await sender.disconnect();
    await there.close();
    const other = await open("view.db", readKafkaSettings(env));
    await other.readToEnd();
    expect(dump(other.database).tasks.map(({ id }) => id)).toEqual(["there"]);
    // Brokers of this project have one cluster id: the messages tell that they are others.
    expect(said).toEqual([expect.stringMatching(/ is not what this view has read before|of another Kafka/)]);

    await own.broker.stop();
    await expect(other.readToEnd()).rejects.toThrow(/^Kafka at localhost:\d+ does not answer/);
    await expect(other.readToEnd()).rejects.toMatchObject({ kind: "unreachable" });
    await own.broker.restart();
    await eventually(() =>
      other.readToEnd().then(
        () => true,
        () => false,
      ),
    );
    await close(other);
  } finally {
    await own.close();
  }
});

test("marks of transactions at the end of a topic are passed, what was taken back is not shown", async () => {
  const transactional = sandbox.kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    transactionalId: `${sandbox.prefix}transactions`,
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await transactional.connect();
  const view = await open();
  const inTransaction = async (id: string, end: "commit" | "abort") => {
    const transaction = await transactional.transaction();
    await transaction.send({ topic: nameOf("tasks"), messages: [{ ...task(id), partition: 0 }] });
    await transaction[end]();
  };
  const shown = () => dump(view.database).tasks.map(({ id }) => id);
  /** Kafka sets its marks a little later than it says so. */
  const endsAt = (offset: string) =>
    eventually(async () => {
      const ends = await sandbox.admin.fetchTopicOffsets(nameOf("tasks"));
      return ends.some(({ partition, high }) => partition === 0 && high === offset);
    });
  await inTransaction("committed", "commit");
  await endsAt("2");
  await view.readToEnd();
  expect(shown()).toEqual(["committed"]);
  await inTransaction("aborted", "abort");
  await endsAt("4");
  await view.readToEnd();
  expect(shown()).toEqual(["committed"]);

  const undecided = await transactional.transaction();
  await undecided.send({ topic: nameOf("tasks"), messages: [{ ...task("open"), partition: 0 }] });
  await view.readToEnd(); // Not up to what is not decided yet.
  await close(view);
  const again = await open();
  await again.readToEnd();
  expect(dump(again.database).tasks).toHaveLength(1);
  await undecided.commit();
  await endsAt("6");
  await again.readToEnd();
  expect(dump(again.database).tasks.map(({ id }) => id)).toEqual(["committed", "open"]);
  await transactional.disconnect();
  expect(said).toEqual([]);
});

test("what Kafka has deleted unread is passed over", async () => {
  await sendTo("tasks", task("read"));
  const view = await open();
  await view.readToEnd();
  await close(view);
  await sendTo("tasks", task("deleted"), task("kept"));
  const upTo = async (offset: string) => {
    const topic = nameOf("tasks");
    await sandbox.admin.fetchTopicOffsets(topic); // kafkajs does not ask by itself where its leader is.
    await sandbox.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] });
  };
  await upTo("2");
  const again = await open();
  await again.readToEnd();
  expect(dump(again.database).tasks.map(({ id }) => id)).toEqual(["kept", "read"]);
  await close(again);
  // All of it, also for a view that has never read it.
  await sendTo("tasks", task("gone"));
  await upTo("4");
  for (const name of ["view.db", "new.db"]) await (await open(name)).readToEnd();
  expect(said).toEqual([]);
});

test("partitions that are added are read", async () => {
  const view = await open();
  await view.readToEnd();
  const topicPartitions = [{ topic: nameOf("tasks"), count: PARTITIONS + 2 }];
  await sandbox.admin.createPartitions({ topicPartitions });
  const change = view.changed("new", AbortSignal.timeout(100_000));
  await eventually(async () => {
    const messages = [{ ...task("new"), partition: PARTITIONS + 1 }];
    return await producer.send({ topic: nameOf("tasks"), messages }).then(
      () => true,
      () => false,
    );
  });
  await change;
  expect(findTask(view.database, "new")?.partition).toBe(PARTITIONS + 1);
});

test("a file that is used, is damaged, or is no database", async () => {
  const view = await open();
  await expect(open()).rejects.toThrow(/^Another gateway uses .*view\.db: choose another --data/);
  await sendTo("tasks", task("a"));
  await view.readToEnd();
  await close(view);
  for (const rubbish of ["rubbish".repeat(5000), `SQLite format 3\u0000${"rubbish".repeat(5000)}`]) {
    for (const part of ["", "-wal", "-shm"]) rmSync(file + part, { force: true });
    writeFileSync(file, rubbish);
    const again = await open();
    await again.readToEnd();
    expect(findTask(again.database, "a")?.status).toBe(0);
    await close(again);
  }
  expect(said).toEqual(new Array(2).fill(expect.stringMatching(/view\.db was damaged: it is made anew/)));

  await open("a/new/folder/view.db");
  writeFileSync(join(folder, "a_file"), "");
  await expect(open("a_file/view.db")).rejects.toThrow(
    /^View .*: its folder cannot be made: choose another --data$/,
  );
});

test("a file that is damaged deep inside ends the view, and the next one is made anew", async () => {
  const send = (from: number) =>
    sendTo(
      "tasks",
      ...Array.from({ length: 2000 }, (_, index) => task(`${(from + index) % 1000}-${from + index}`)),
    );
  await send(0);
  const view = await open();
  await view.readToEnd();
  await close(view);
  const pages = readFileSync(file);
  // Behind the first pages of each table, which are read when the file is opened.
  const start = 60 * 4096;
  expect(pages.length).toBeGreaterThan(start);
  writeFileSync(file, pages.fill("rubbish", start));
  const damaged = await open();
  await send(2000);
  await expect(damaged.finished).rejects.toThrow(
    /^View .*view\.db \(SQLITE_CORRUPT\): it is damaged: start again, and it is made anew from Kafka$/,
  );
  await expect(damaged.readToEnd()).rejects.toThrow(/it is damaged/);
  await damaged.close();
  const again = await open();
  await again.readToEnd();
  expect(dump(again.database).tasks).toHaveLength(4000);
  expect(said).toEqual([expect.stringMatching(/view\.db was damaged: it is made anew/)]);
  await close(again);
  await open();
  expect(said).toHaveLength(1);
});

test("no Kafka: one line, and the file can be opened by the next one", async () => {
  const settings = { ...readKafkaSettings(sandbox.env), brokers: ["localhost:1"] };
  await expect(open("view.db", settings)).rejects.toThrow(/^No Kafka answers at localhost:1: /);
  await open();
});

test("200,000 tasks and their answers are read, to the task, while more come", async () => {
  const count = 200_000;
  const size = 5000;
  const make = async (ids: string[]) => {
    const spread = (value: string, index: number) => ({ value, partition: index % PARTITIONS });
    await producer.send({ topic: nameOf("tasks"), messages: ids.map((id, i) => spread(task(id).value, i)) });
    await producer.send({ topic: nameOf("results"), messages: ids.map(answer) });
  };
  const idsOf = (from: number) => Array.from({ length: size }, (_, index) => `task-${from + index}`);
  for (let from = 0; from < count; from += size) await make(idsOf(from));
  const view = await open();
  for (let from = count; from < count + 20_000; from += size) await make(idsOf(from));
  await eventually(async () => view.progress().isCaughtUp);
  await view.readToEnd();
  const row = view.database
    .prepare("SELECT count(*) AS tasks, sum(status = 2) AS answered, count(DISTINCT id) AS ids FROM task")
    .get();
  expect({ ...row }).toEqual({ tasks: 220_000, answered: 220_000, ids: 220_000 });
  const { totals } = dump(view.database);
  expect(totals).toContainEqual({ name: "accepted", value: 220_000 });
  expect(totals).toContainEqual({ name: "answered", value: 220_000 });
  expect(said).toEqual([]);
});

test.skipIf(process.platform === "win32")("a disk that is full ends the view with one line", async () => {
  const program = holdView();
  await sendTo("tasks", ...Array.from({ length: 5000 }, (_, index) => task(`task-${index}`)));
  // A shell can limit the size of files.
  const limited = ["-c", 'ulimit -f 400 && exec "$@"', "sh", process.execPath, "--import", "tsx"] as const;
  const { exitCode, stderr } = await sandbox.run(program, [], { command: ["sh", ...limited] });
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringMatching(
      /^View \S+view\.db \(SQLITE_(FULL|IOERR)\): the disk may be full: make room, then start again\n$/,
    ),
  });
});
