/**
 * A producer that gives up: what it told is not confirmed does not arrive later, and it goes on afterwards.
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectKafka, type KafkaConnection } from "../../common/kafka/client.ts";
import { NotConfirmed, type Producer } from "../../common/kafka/producer.ts";
import { readKafkaSettings } from "../../common/kafka/settings.ts";
import { type OwnBroker, startOwnBroker } from "../support/own_broker.ts";

let own: OwnBroker;
let kafka: KafkaConnection;
let producer: Producer;
const said: string[] = [];
beforeEach(async () => {
  own = await startOwnBroker();
  await own.sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "1"]);
  said.length = 0;
  kafka = await connectKafka(readKafkaSettings(own.sandbox.env), "test", { say: (line) => said.push(line) });
  producer = await kafka.producer({ giveUpAfterMs: 1500 });
});
afterEach(async () => {
  await kafka.close();
  await own.close();
});

const send = (value: string) => producer.send(kafka.topics.tasks, [{ value }]);
const valuesInKafka = async () => (await own.sandbox.readAll("tasks")).map(({ value }) => value);

async function whyRejected(sent: Promise<unknown>): Promise<unknown> {
  return await sent.then(
    () => "it was sent",
    (error) => error,
  );
}

test("a broker that is stopped: each send is rejected, and none arrives when it is back", async () => {
  await send("before");
  await own.broker.stop();
  // The first one travels, the others wait for it.
  const refusals = [send("first"), send("second")].map(whyRejected);
  for (const refusal of await Promise.all(refusals)) {
    expect(refusal).toBeInstanceOf(NotConfirmed);
    expect(refusal).toMatchObject({ kind: "unreachable", places: [] });
  }
  expect(await whyRejected(send("third"))).toBeInstanceOf(NotConfirmed);
  await own.broker.restart();
  for (;;) {
    const refusal = await whyRejected(send("after"));
    if (refusal === "it was sent") break;
    expect(refusal).toBeInstanceOf(NotConfirmed);
  }
  expect(await valuesInKafka()).toEqual(["before", "after"]);
  expect(said[0]).toBe("Kafka is not reachable, retrying");
  expect(said.filter((line) => /stale|not reachable/.test(line))).toHaveLength(1);
});

test.skipIf(process.platform === "win32")(
  "a broker that is silent: what has left may arrive, what has waited does not",
  async () => {
    await send("before");
    process.kill(own.broker.pid, "SIGSTOP");
    const first = send("has left");
    // What is sent in one turn of the event loop travels together.
    for (let turns = 2; turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
    const refusals = await Promise.all([first, send("has waited")].map(whyRejected));
    process.kill(own.broker.pid, "SIGCONT");
    for (const refusal of refusals) expect(refusal).toBeInstanceOf(NotConfirmed);
    while ((await whyRejected(send("after"))) !== "it was sent");
    expect((await valuesInKafka()).filter((value) => value !== "has left")).toEqual(["before", "after"]);
  },
);

test("who waits for a request that another has given up goes with the next one", async () => {
  const patient = await kafka.producer({ giveUpAfterMs: 60_000 });
  await own.broker.stop();
  const sent = patient.send(kafka.topics.tasks, [{ value: "patient" }]);
  expect(await whyRejected(send("impatient"))).toBeInstanceOf(NotConfirmed);
  await own.broker.restart();
  expect(await sent).toEqual([{ partition: 0, offset: "0" }]);
  expect(await valuesInKafka()).toEqual(["patient"]);
});

test("a limit for the whole send counts on while Kafka confirms parts of it; the rest is never sent", async () => {
  const messages = Array.from({ length: 20_000 }, (_, index) => ({ value: `${index} `.padEnd(1000, "x") }));
  const sent = producer.send(kafka.topics.tasks, messages, { limitMs: 20 });
  const refusal = await whyRejected(sent);
  expect(refusal).toBeInstanceOf(NotConfirmed);
  const confirmed = (refusal as NotConfirmed).places.length;
  await send("after");
  const values = await valuesInKafka();
  expect(values.at(-1)).toBe("after");
  expect(values.length).toBeLessThan(messages.length);
  expect(values.length - 1).toBeGreaterThanOrEqual(confirmed);
});
