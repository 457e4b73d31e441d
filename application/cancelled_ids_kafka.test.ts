/** Cancellations are remembered as long as their tasks may still wait, and no longer. */
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { connectKafka, type KafkaConnection } from "../common/kafka/client.ts";
import { readKafkaSettings } from "../common/kafka/settings.ts";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { countCommitted, eventually, makeTasks } from "../tests/support/kafka_state.ts";
import { CancelledIds } from "./cancelled_ids.ts";

let sandbox: KafkaSandbox;
let kafka: KafkaConnection;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  await sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "3"]);
  kafka = await connectKafka(readKafkaSettings(sandbox.env), "ids");
});
afterEach(async () => {
  await kafka.close();
  await sandbox.close();
});

test("an id is known until what was in tasks after it was cancelled is committed", async () => {
  const ids = new CancelledIds(kafka, 20);
  const send = async () => {
    await sandbox.send(
      "tasks",
      makeTasks(30).map(({ value }) => value),
    );
  };
  await send();
  ids.add("a");
  // It has looked by then, and nobody has committed anything.
  for (let time = 0; time < 20; time += 1) await sandbox.admin.fetchTopicOffsets(sandbox.topic("tasks"));
  expect(ids.has("a")).toBe(true);
  const worker = sandbox.start("5_task_queue/worker.ts", ["--quiet"]);
  await eventually(async () => (await countCommitted(sandbox, "task_consumer_group")) === 30);
  await eventually(async () => !ids.has("a"));
  await worker.stop();
  // Another one that comes while older ones wait.
  await send();
  ids.add("b");
  await eventually(async () => (await countCommitted(sandbox, "task_consumer_group")) === 30);
  ids.add("c");
  expect([ids.has("b"), ids.has("c"), ids.has("d")]).toEqual([true, true, false]);
  sandbox.start("5_task_queue/worker.ts", ["--quiet"]);
  await eventually(async () => !ids.has("b") && !ids.has("c"));
  ids.close();
});
