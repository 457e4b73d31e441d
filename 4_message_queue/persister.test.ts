/** The persister and its database: each result once, whatever happens to either. Both stages' persisters are tried. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { openDatabase } from "../common/sqlite.ts";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { ownsPartitions, storedUpTo } from "../lab/harness/lines.ts";
import { ROOT } from "../lab/harness/programs.ts";
import { countCommitted, eventually, makeTasks, storedIds } from "../tests/support/kafka_state.ts";

const PERSISTERS = ["4_message_queue/persister.ts", "5_task_queue/persister.ts"];

let sandbox: KafkaSandbox;
let folder: string;
let db: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "iris-persister-"));
  db = join(folder, "predictions.db");
  sandbox = await openSandbox(inject("kafkaBrokers"));
  await sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "1"]);
});
afterEach(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

/** Results as a worker sends them. */
function makeResults(count: number): { ids: string[]; values: string[] } {
  const tasks = makeTasks(count);
  const values = tasks.map(({ value }) => JSON.stringify({ ...JSON.parse(value), y: { iris_type: 1 } }));
  return { ids: tasks.map(({ id }) => id).sort(), values };
}

const committed = () => countCommitted(sandbox, "persister_group");
const startPersister = (file = PERSISTERS[0] ?? "") => sandbox.start(file, ["--db", db]);

async function readHistory(limit: number): Promise<{ counts: { count: number }[]; latest: unknown[] }> {
  const args = ["--db", db, "--json", "--limit", String(limit)];
  const { exitCode, stdout, stderr } = await sandbox.run("4_message_queue/history.ts", args);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return JSON.parse(stdout);
}

test.each(PERSISTERS)(
  "%s, restarted, killed and replayed from the beginning, stores each result once",
  async (file) => {
    const { ids, values } = makeResults(6000);
    const [first = "", second = ""] = values;
    // The same answer in two places, and one without an id, as stage 4's workers send it, twice in one place.
    const withoutId = JSON.stringify({ X: JSON.parse(first).X, y: { iris_type: 0 } });
    await sandbox.send("results", [...values.slice(0, 3000), first, second, withoutId]);
    const killed = startPersister(file);
    await killed.waitFor(/^Stored/);
    await killed.kill();

    const restarted = startPersister(file);
    // The killed one may have committed all of them: then the restarted one has nothing to print.
    await eventually(async () => (await committed()) === 3003);
    await sandbox.send("results", values.slice(3000));
    await eventually(async () => (await committed()) === 6003);
    expect(await restarted.stop()).toMatchObject({ exitCode: 0, stderr: "" });
    const expected = [null, ...ids];
    expect(storedIds(db)).toEqual(expected);

    // As if the database had never read a message: all come again.
    const database = openDatabase(db);
    database.exec("DELETE FROM kafka_position");
    database.close();
    const replaying = startPersister(file);
    await replaying.waitFor(/^Stored 0, knew \d+ already, up to offset 6002$/);
    const { stdout } = await replaying.stop();
    expect(stdout.match(/^Stored (?!0, knew)/m)).toBe(null);
    expect(storedIds(db)).toEqual(expected);
  },
);

test("history works while the persister writes, and while it is in the middle of a transaction", async () => {
  const { values } = makeResults(4000);
  const persister = startPersister();
  await ownsPartitions(persister, 1);
  const sending = (async () => {
    for (let from = 0; from < values.length; from += 20)
      await sandbox.send("results", values.slice(from, from + 20));
  })();
  await persister.waitFor(/^Stored/);
  const seen: number[] = [];
  while ((seen.at(-1) ?? 0) < values.length) {
    const { counts, latest } = await readHistory(5);
    seen.push(counts.reduce((sum, { count }) => sum + count, 0));
    expect(latest).toHaveLength(5);
  }
  await sending;
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));

  const writer = openDatabase(db);
  writer.exec("BEGIN IMMEDIATE; DELETE FROM iris_prediction");
  expect((await readHistory(5)).latest).toHaveLength(5);
  writer.exec("ROLLBACK");
  writer.close();
});

test.each(PERSISTERS)(
  "%s says that the database is locked, commits nothing, and goes on when it is not",
  async (file) => {
    const { ids, values } = makeResults(50);
    const locked = `Database ${db} (SQLITE_BUSY): another program holds it locked: end that program, then start again\n`;
    const persister = startPersister(file);
    await ownsPartitions(persister, 1);
    await sandbox.send("results", values.slice(0, 20));
    await persister.waitFor(storedUpTo(19));
    await eventually(async () => (await committed()) === 20);

    const other = openDatabase(db);
    other.exec("BEGIN IMMEDIATE");
    await sandbox.send("results", values.slice(20));
    expect(await persister.exited).toMatchObject({ exitCode: 1, stderr: locked });
    other.exec("ROLLBACK");
    expect(await committed()).toBe(20);

    // Locked from the beginning.
    other.exec("PRAGMA locking_mode = EXCLUSIVE");
    other.exec("BEGIN EXCLUSIVE");
    expect(await startPersister(file).exited).toMatchObject({ exitCode: 1, stderr: locked });
    other.close();
    expect(storedIds(db)).toHaveLength(20);

    const restarted = startPersister(file);
    await eventually(async () => (await committed()) === 50);
    expect(await restarted.stop()).toMatchObject({ exitCode: 0, stderr: "" });
    expect(storedIds(db)).toEqual(ids);
  },
);

/** A shell that lets no file grow beyond 200 KB: EFBIG where a full disk says ENOSPC. */
test.skipIf(process.platform === "win32")(
  "a database that can grow no further: it says so, commits nothing, and goes on where it stopped",
  async () => {
    const { ids, values } = makeResults(2000);
    await sandbox.send("results", values.slice(0, 10));
    const limited = ["-c", 'ulimit -f 400 && exec "$@"', "sh", ...persisterCommand(db)];
    const persister = execa("sh", limited, { cwd: ROOT, env: sandbox.env, reject: false });
    await eventually(async () => (await committed()) === 10);
    await sandbox.send("results", values.slice(10));
    const { exitCode, stderr } = await persister;
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(
        /^Database \S+ \(SQLITE_(FULL|IOERR)\): the disk may be full: make room, then start again$/,
      ),
    });
    expect(storedIds(db)).toHaveLength(await committed());
    expect(storedIds(db).length).toBeLessThan(2000);

    const restarted = startPersister();
    await eventually(async () => (await committed()) === 2000);
    expect(await restarted.stop()).toMatchObject({ exitCode: 0, stderr: "" });
    expect(storedIds(db)).toEqual(ids);
  },
);

test("a disk that is full: it says so and commits nothing", async ({ skip }) => {
  const mount = await execa("unshare", ["-rm", "mount", "-t", "tmpfs", "none", folder], { reject: false });
  if (mount.exitCode !== 0) skip("needs Linux that lets one mount a small disk for oneself (unshare -rm)");
  const { values } = makeResults(2000);
  await sandbox.send("results", values);
  // The file system is the namespace's alone, and gone when the program ends.
  const script = 'mount -t tmpfs -o size=128k none "$0" && exec "$@"';
  const { exitCode, stderr } = await execa(
    "unshare",
    ["-rm", "sh", "-c", script, folder, ...persisterCommand(db)],
    {
      cwd: ROOT,
      env: sandbox.env,
      reject: false,
    },
  );
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: `Database ${db} (SQLITE_FULL): the disk may be full: make room, then start again`,
  });
  expect(await committed()).toBe(0);
});

test("a database that is new or was deleted is filled from the beginning, whatever the group has committed", async () => {
  const { ids, values } = makeResults(30);
  await sandbox.send("results", values);
  const first = startPersister();
  await eventually(async () => (await committed()) === 30);
  await first.stop();
  rmSync(db);
  const second = startPersister();
  await second.waitFor(/^Stored 30, up to offset 29$/);
  await second.stop();
  expect(storedIds(db)).toEqual(ids);
});

test("a topic that was made anew is read from its beginning, also when it has as many messages", async () => {
  const before = makeResults(20);
  await sandbox.send("results", before.values);
  const first = startPersister();
  await eventually(async () => (await committed()) === 20);
  await first.stop();
  await sandbox.run("5_task_queue/kafka_setup.ts", ["--reset", "--yes", "--partitions", "1"]);
  const after = makeResults(25);
  await sandbox.send("results", after.values);
  const second = startPersister();
  await second.waitFor(/^Stored 25, up to offset 24$/);
  const { stderr } = await second.stop();
  expect(stderr).toMatch(/^\S+ is not what this database has read before: reading it from its beginning\n$/);
  expect(storedIds(db)).toEqual([...before.ids, ...after.ids].sort());
});

test("a task that failed is stored as such, and history shows it with its text escaped", async () => {
  const error = { code: "invalid_input", message: "Expected X,\n\u001b[31m got nothing" };
  await sandbox.send("results", [JSON.stringify({ task_id: "7f3a-failed", error })]);
  const persister = startPersister();
  await persister.waitFor(/^Stored 0, 1 failed, up to offset 0$/);
  await persister.stop();
  const json = await sandbox.run("4_message_queue/history.ts", ["--db", db, "--json"]);
  const failure = { task_id: "7f3a-failed", code: "invalid_input", message: error.message };
  expect(JSON.parse(json.stdout)).toMatchObject({ counts: [], latest: [], failures: [failure] });
  const { stdout } = await sandbox.run("4_message_queue/history.ts", ["--db", db]);
  expect(stdout).toContain("│ 7f3a        │ Expected X,\\n\\u001b[31m got nothing │");
});

function persisterCommand(file: string): string[] {
  return [process.execPath, "--import", "tsx", PERSISTERS[0] ?? "", "--db", file];
}
