/** What a client shows: answers to its own questions, in time or late. */
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { ownsPartitions } from "../lab/harness/lines.ts";
import { clientGroups, countMessages, eventually } from "../tests/support/kafka_state.ts";

const CLIENT = "5_task_queue/client.ts";
const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

let sandbox: KafkaSandbox;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
});
afterEach(() => sandbox.close());

function startWorker(name: string) {
  return sandbox.start("5_task_queue/worker.ts", ["--name", name]);
}

/** Each flower that the client asked, sorted, with the answer that names the same id: species and worker. */
function conversation(stdout: string): (string | undefined)[][] {
  const asked = [...stdout.matchAll(/^-> (\w{4}) (\S+)$/gm)].map(([, id, flower]) => {
    const [, answer] = new RegExp(`^<- ${id} (.*), \\d+ ms$`, "m").exec(stdout) ?? [];
    return [flower, answer];
  });
  return asked.sort();
}

/** Flowers of one species, each with a sepal of its own, so that an answer can be told from all others. */
const setosas = Array.from({ length: 40 }, (_, index) => `${4 + index / 50},3.5,1.4,0.2`);
const virginicas = Array.from({ length: 40 }, (_, index) => `${6 + index / 50},3.3,6,2.5`);

test("lines of a pipe are all sent; each answer names its question, worker and time; a bad line is named", async () => {
  startWorker("worker-1");
  const input = "6,3,4,1\n5.1 3.5 1.4 0.2\n6,3,x,1\n6.3, 3.3, 6, 2.5\nq\n5,5,5,5\n";
  const { exitCode, stdout, stderr } = await sandbox.run(CLIENT, [], { input });
  expect(conversation(stdout)).toEqual([
    ["5.1,3.5,1.4,0.2", "setosa, worker-1"],
    ["6,3,4,1", "versicolor, worker-1"],
    ["6.3,3.3,6,2.5", "virginica, worker-1"],
  ]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr: 'Line 3 skipped: Expected petal_length to be a number between 0 and 30 cm, got "x"\n',
  });
  expect(await countMessages(sandbox, "tasks")).toBe(3);
  expect(await clientGroups(sandbox)).toEqual([]);
});

test("two clients at once: each gets the answers to its own questions and no others", async () => {
  await sandbox.run("5_task_queue/kafka_setup.ts");
  const workers = [startWorker("worker-1"), startWorker("worker-2")];
  await Promise.all(workers.map((worker) => ownsPartitions(worker, 6)));
  const clients = [setosas, virginicas].map((flowers) => ({ flowers, program: sandbox.start(CLIENT) }));
  // Turn by turn, so that their tasks lie among one another.
  for (let index = 0; index < 40; index += 1) {
    for (const { flowers, program } of clients) program.type(flowers[index] ?? "");
  }
  for (const [index, { flowers, program }] of clients.entries()) {
    program.endInput();
    const { exitCode, stdout, stderr } = await program.exited;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const species = index === 0 ? "setosa" : "virginica";
    const answers = conversation(stdout);
    expect(answers.map(([flower]) => flower)).toEqual(flowers.toSorted());
    for (const [, answer] of answers) expect(answer).toMatch(new RegExp(`^${species}, worker-[12]$`));
    expect(stdout.trimEnd().split("\n")).toHaveLength(80);
  }
});

test("when the time runs out it names the task and goes on; a late answer is reported and not mixed up", async () => {
  const client = sandbox.start(CLIENT, ["--timeout", "4"]);
  client.type("6,3,4,1");
  const { text } = await client.waitForLine((line) => line.startsWith("No answer"), "that nobody answers");
  const [asked] = await sandbox.readAll("tasks");
  const { task_id } = JSON.parse(asked?.value ?? "");
  expect(task_id).toMatch(new RegExp(`^${UUID}$`));
  expect(text).toBe(
    `No answer within 4 s to task ${task_id.slice(0, 4)}; it waits in Kafka: is a worker running? npm run doctor`,
  );

  startWorker("worker-1");
  await client.waitFor(new RegExp(`^<- ${task_id.slice(0, 4)} versicolor, worker-1, too late$`));
  client.type("5.1,3.5,1.4,0.2");
  await client.waitFor(/^<- \w{4} setosa, worker-1, \d+ ms$/);
  client.endInput();
  const { exitCode, stdout, stderr } = await client.exited;
  expect({ exitCode, lines: stdout.split("\n").length, errors: stderr.split("\n").length }).toEqual({
    exitCode: 1,
    lines: 3 + 1,
    errors: 2 + 1,
  });
});

test("a task that is answered twice is shown once", async () => {
  const client = sandbox.start(CLIENT);
  client.type("6,3,4,1");
  await eventually(async () => (await countMessages(sandbox, "tasks")) === 1);
  const [asked] = await sandbox.readAll("tasks");
  const { task_id, X } = JSON.parse(asked?.value ?? "");
  const result = (iris_type: number) => JSON.stringify({ task_id, X, y: { iris_type } });
  await sandbox.send("results", [result(2), result(0), result(2)]);
  await client.waitFor(/^<- \w{4} virginica, a worker, \d+ ms$/);
  startWorker("worker-1");
  client.type("6,3,4,1");
  await client.waitFor(/^<- \w{4} versicolor, worker-1, /);
  client.endInput();
  const { exitCode, stdout, stderr } = await client.exited;
  expect({ exitCode, lines: stdout.trimEnd().split("\n").length, stderr }).toEqual({
    exitCode: 0,
    lines: 4,
    stderr: "",
  });
});

test.skipIf(process.platform === "win32").each(["SIGINT", "SIGTERM"] as const)(
  "%s while it waits ends it at once, and its group is deleted",
  async (signal) => {
    const client = sandbox.start(CLIENT);
    client.type("6,3,4,1");
    await eventually(async () => (await countMessages(sandbox, "tasks")) === 1);
    expect(await client.stop(signal)).toMatchObject({
      exitCode: 130,
      stdout: expect.stringMatching(/^-> \w{4} 6,3,4,1\n$/),
      stderr: "",
    });
    expect(await clientGroups(sandbox)).toEqual([]);
  },
);

test("wrong usage is one line and exit code 2", async () => {
  const wrong: [string[], RegExp][] = [
    [["--timeout", "0"], /Expected a number of seconds from 0\.1 to 86400/],
    [["--timeout", "soon"], /Expected a number of seconds from 0\.1 to 86400/],
    [["--samples", "0"], /Expected a whole number from 1 to 100000/],
    [["--samples", "2.5"], /Expected a whole number from 1 to 100000/],
    [["--samples", "5", "--file", "a.csv", "--out", "b.csv"], /cannot be used with option '--file/],
    [["--file", "a.csv"], /--file and --out go together/],
    [["--out", "b.csv"], /--file and --out go together/],
    [["--nonsense"], /unknown option '--nonsense'/],
    [["6,3,4,1"], /too many arguments/],
  ];
  for (const [args, message] of wrong) {
    const { exitCode, stdout, stderr } = await sandbox.run(CLIENT, args);
    expect({ args, exitCode, stdout }).toEqual({ args, exitCode: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  }
});
