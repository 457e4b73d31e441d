/** What Kafka says is passed on truly: an outage is an outage, a refusal a refusal, each in one line. */
import { expect, inject, test } from "vitest";
import { freePort } from "../../kafka/ports.ts";
import { openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { makeTasks, waitForNew } from "../support/kafka_state.ts";
import { startOwnBroker } from "../support/own_broker.ts";

test("a broker that names an address which cannot be reached is not taken for a missing one", async () => {
  const [outside, closed] = [await freePort(), await freePort()];
  const port = await freePort();
  const map = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,OUTSIDE:PLAINTEXT";
  const own = await startOwnBroker({
    port,
    extraListeners: [`OUTSIDE://localhost:${outside}`],
    properties: {
      "listener.security.protocol.map": map,
      "advertised.listeners": `PLAINTEXT://localhost:${port},OUTSIDE://localhost:${closed}`,
    },
  });
  try {
    const env = { KAFKA_BROKERS: `localhost:${outside}` };
    for (const program of ["4_message_queue/worker.ts", "5_task_queue/client.ts"]) {
      const { exitCode, stderr } = await own.sandbox.run(program, [], { env });
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr:
          `Kafka at localhost:${outside} answers, but tells its clients to use localhost:${closed}, which does ` +
          "not answer from here: set advertised.listeners of that broker to an address that this machine reaches\n",
      });
    }
  } finally {
    await own.close();
  }
});

test.each([
  ["a compacted topic", { name: "cleanup.policy", value: "compact" }, "must not be compacted"],
  ["a topic that takes small messages only", { name: "max.message.bytes", value: "60" }, "send less at once"],
])("%s refuses a task: client and worker say so and end", async (_, config, advice) => {
  const sandbox = await openSandbox(inject("kafkaBrokers"));
  try {
    const topics = (["tasks", "results"] as const).map((name) => ({
      topic: sandbox.topic(name),
      numPartitions: 1,
      configEntries: [config],
    }));
    await sandbox.admin.createTopics({ topics });
    for (const client of ["4_message_queue/client.ts", "5_task_queue/client.ts"]) {
      const { exitCode, stderr } = await sandbox.run(client, [], { input: "6,3,4,1\n" });
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^Kafka refused messages to \S+tasks: .*\. Next: .*\n$/);
      expect(stderr).toContain(advice);
    }
  } finally {
    await sandbox.close();
  }
});

test("results that refuse an answer end the worker, and the task stays", async () => {
  const sandbox = await openSandbox(inject("kafkaBrokers"));
  try {
    const configEntries = [{ name: "max.message.bytes", value: "60" }];
    await sandbox.admin.createTopics({
      topics: [{ topic: sandbox.topic("results"), numPartitions: 1, configEntries }],
    });
    const worker = sandbox.start("5_task_queue/worker.ts");
    await worker.waitFor(/^Partitions of tasks: 0/);
    const [task] = makeTasks(1);
    await sandbox.send("tasks", [task?.value ?? ""]);
    const { exitCode, stderr } = await worker.exited;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Kafka refused messages to \S+results: .*\n$/);
    await sandbox.admin.deleteTopics({ topics: [sandbox.topic("results")] });
    const next = sandbox.start("5_task_queue/worker.ts");
    await next.waitFor(/^\w{4} setosa, partition 0, \d+ ms$/);
  } finally {
    await sandbox.close();
  }
});

test("a topic that is deleted under a running worker is told, and so is its return", async () => {
  const sandbox = await openSandbox(inject("kafkaBrokers"));
  try {
    await sandbox.run("5_task_queue/kafka_setup.ts");
    const worker = sandbox.start("5_task_queue/worker.ts");
    await worker.waitFor(/^Partitions of tasks: 0/);
    await sandbox.admin.deleteTopics({ topics: [sandbox.topic("tasks")] });
    await worker.waitFor(/^Kafka has no such topic any more/);
    const back = waitForNew(worker, /^The topic is there again$/);
    const share = waitForNew(worker, /^Partitions of tasks: 0/);
    expect(await sandbox.run("5_task_queue/kafka_setup.ts")).toMatchObject({ exitCode: 0, stderr: "" });
    await Promise.all([back, share]);
    const [task] = makeTasks(1);
    await sandbox.send("tasks", [task?.value ?? ""]);
    await worker.waitFor(/^\w{4} setosa, partition \d+, \d+ ms$/);
  } finally {
    await sandbox.close();
  }
});
