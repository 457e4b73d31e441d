/** Answers while the group is being dealt out anew, and tasks that take longer than the group's patience. */
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { connectKafka } from "../common/kafka/client.ts";
import { readKafkaSettings } from "../common/kafka/settings.ts";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { ownsPartitions } from "../lab/harness/lines.ts";
import {
  clientGroups,
  countCommitted,
  countMessages,
  eventually,
  makeTasks,
  waitForNew,
} from "../tests/support/kafka_state.ts";
import { TaskQueue } from "./request_reply.ts";

let sandbox: KafkaSandbox;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  await sandbox.run("5_task_queue/kafka_setup.ts");
});
afterEach(() => sandbox.close());

/** Whole programs, and what lies between a client's start and its leave without the start of a process, which is most of the time. */
const PROGRAMS = 40;
const QUEUES = 160;

test("200 clients start and ask at once while workers come and go: no reply is missed", async ({
  annotate,
}) => {
  const resident = sandbox.start("5_task_queue/worker.ts", ["--quiet"]);
  await ownsPartitions(resident, 12);
  const begin = performance.now();
  let done = false;
  let rebalances = 0;
  const guests = (async () => {
    while (!done) {
      const guest = sandbox.start("5_task_queue/worker.ts", ["--quiet"]);
      await ownsPartitions(guest, 6);
      const alone = waitForNew(resident, /\(12\)$/);
      await guest.stop();
      await alone;
      rebalances += 2;
    }
  })();
  const [programs, queues] = await Promise.all([
    repeat(PROGRAMS, 4, () => sandbox.run("5_task_queue/client.ts", [], { input: "6,3,4,1\n" })),
    repeat(QUEUES, 4, openAndAsk),
  ]);
  done = true;
  const seconds = (performance.now() - begin) / 1000;
  await guests;
  await annotate(`${PROGRAMS + QUEUES} clients and ${rebalances} rebalances in ${seconds.toFixed(0)} s`);

  const answered = {
    exitCode: 0,
    stdout: expect.stringMatching(/^-> (\w{4}) 6,3,4,1\n<- \1 versicolor, .*\n$/),
    stderr: "",
  };
  expect(programs).toEqual(Array(PROGRAMS).fill(expect.objectContaining(answered)));
  expect(queues).toEqual(Array(QUEUES).fill(1));
  expect(rebalances).toBeGreaterThanOrEqual(6);
  // Each has a group of its own, and takes it away when it leaves.
  expect(await clientGroups(sandbox)).toEqual([]);
});

/** The client's own code in this process. */
async function openAndAsk(): Promise<number | undefined> {
  const kafka = await connectKafka(readKafkaSettings(sandbox.env), "client");
  const queue = await TaskQueue.open(kafka, () => {});
  const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };
  const { answer } = await queue.ask(X, 30);
  await queue.close();
  return answer !== undefined && "answer" in answer ? answer.answer.iris_type : undefined;
}

async function repeat<T>(times: number, atATime: number, work: () => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  let begun = 0;
  const lanes = Array.from({ length: atATime }, async () => {
    while (begun++ < times) done.push(await work());
  });
  await Promise.all(lanes);
  return done;
}

/** Against a session of 6 s. */
const LONG = "20";

test("tasks of 20 s, asleep and on the processor, are done once and cost no worker its place", async () => {
  const cases = [
    ["4_message_queue/worker.ts"],
    ["5_task_queue/worker.ts"],
    ["5_task_queue/worker.ts", "--cpu-bound"],
  ];
  await Promise.all(
    cases.map(async ([file = "", ...args]) => {
      const own = await openSandbox(inject("kafkaBrokers"));
      try {
        const worker = own.start(file, ["--inference-time", LONG, ...args]);
        await worker.waitFor(/artitions.*: 0/);
        const membersNow = async () => {
          const { groups } = await own.admin.describeGroups([`${own.prefix}task_consumer_group`]);
          return groups.flatMap(({ members }) => members.map(({ memberId }) => memberId));
        };
        const members = await membersNow();
        const [task] = makeTasks(1);
        await own.send("tasks", [task?.value ?? ""]);
        await eventually(async () => (await countCommitted(own, "task_consumer_group")) === 1);
        expect(await countMessages(own, "results")).toBe(1);
        expect(members).toHaveLength(1);
        expect(await membersNow()).toEqual(members);
        const { exitCode, stdout, stderr } = await worker.stop();
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
        expect(stdout.match(/artitions.*: /g)).toHaveLength(1);
      } finally {
        await own.close();
      }
    }),
  );
});
