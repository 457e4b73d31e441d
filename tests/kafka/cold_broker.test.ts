/** A broker that has just begun to answer, and everybody comes at once: no topic is there, no group, no coordinator. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type OwnBroker, startOwnBroker } from "../support/own_broker.ts";

let own: OwnBroker;
beforeEach(async () => {
  own = await startOwnBroker();
});
afterEach(() => own.close());

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

test("eight set-ups at once all succeed, and each sees the same partitions", async () => {
  const runs = await Promise.all(times(8, () => own.sandbox.run("5_task_queue/kafka_setup.ts")));
  for (const run of runs) {
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    expect(run.stdout).toMatch(/ │ +\d+ +│ +12 +│/);
  }
  const { topics } = await own.sandbox.admin.fetchTopicMetadata({ topics: [own.sandbox.topic("tasks")] });
  expect(topics[0]?.partitions).toHaveLength(12);
});

test("four clients and two workers at once, without a set-up: each question is answered", async () => {
  times(2, (index) => own.sandbox.start("5_task_queue/worker.ts", ["--name", `worker-${index}`]));
  const runs = await Promise.all(
    times(4, () => own.sandbox.run("5_task_queue/client.ts", [], { input: "6,3,4,1" })),
  );
  for (const run of runs) {
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.stdout).toContain("versicolor");
  }
});
