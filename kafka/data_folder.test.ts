/** Which folders a broker may have, and that it has each alone. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../lab/harness/programs.ts";
import { reserveDataFolder } from "./data_folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "iris-data-folder-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Another process that reserves the folder, and prints whether it has it. */
function another() {
  const script = `
    import { reserveDataFolder } from "./kafka/data_folder.ts";
    const outcome = reserveDataFolder(process.argv[1]).then(() => "reserved", (error) => error.kind);
    outcome.then(console.log);
    process.stdin.resume();`;
  const child = spawn(process.execPath, ["--import", "tsx", "--eval", script, folder], {
    cwd: join(import.meta.dirname, ".."),
    stdio: ["pipe", "pipe", "inherit"],
  });
  const outcome = once(child.stdout, "data").then(([text]) => `${text}`.trim());
  const exited = once(child, "exit");
  return { child, outcome, exited };
}

test("a folder is reserved until it is given back", async () => {
  const giveBack = await reserveDataFolder(folder);
  await expect(reserveDataFolder(folder)).rejects.toMatchObject({
    kind: "data_folder_in_use",
    message: expect.stringMatching(/^Another Kafka uses the data folder .*--data-dir <folder>$/),
  });
  giveBack();
  (await reserveDataFolder(folder))();
});

test("a process that reserved a folder is killed with -9: the folder is free again", async () => {
  const { child, outcome, exited } = another();
  expect(await outcome).toBe("reserved");
  await expect(reserveDataFolder(folder)).rejects.toMatchObject({ kind: "data_folder_in_use" });
  child.kill("SIGKILL");
  await exited;
  (await reserveDataFolder(folder))();
});

test("several processes reserve a folder at the same instant: one gets it", async () => {
  const processes = Array.from({ length: 5 }, another);
  const outcomes = await Promise.all(processes.map(({ outcome }) => outcome));
  expect(outcomes.sort()).toEqual([...Array(4).fill("data_folder_in_use"), "reserved"]);
  for (const { child } of processes) child.kill();
  await Promise.all(processes.map(({ exited }) => exited));
});

const UNUSABLE: [string, () => string, string][] = [
  ["a comma", () => join(folder, "a,b"), "contains a comma, which Kafka cannot read"],
  ["a file", () => file("data"), "is a file"],
  ["below a file", () => join(file("data"), "kafka"), "is a file, or lies below one"],
  ["too long a name", () => join(folder, "x".repeat(300)), "is too long"],
];

function file(name: string): string {
  writeFileSync(join(folder, name), "not a folder");
  return join(folder, name);
}

test.each(UNUSABLE)("%s: one line that says so, and nothing is written", async (_, path, problem) => {
  const dataDir = path();
  const { exitCode, stderr } = await run("kafka/start.ts", ["--port", "29292", "--data-dir", dataDir]);
  expect(exitCode).toBe(1);
  expect(stderr).toBe(
    `Expected the data folder to be a folder that Kafka can use, but ${dataDir} ${problem}. ` +
      "Choose another: npm run kafka -- --data-dir <folder>\n",
  );
  expect(existsSync(join(folder, "a"))).toBe(false);
});

// Root may write everywhere, and Windows knows no such mode.
test.skipIf(process.platform === "win32" || process.getuid?.() === 0)("may not be written", async () => {
  const locked = join(folder, "locked");
  mkdirSync(locked);
  chmodSync(locked, 0o500);
  for (const path of [locked, join(locked, "kafka")]) {
    await expect(reserveDataFolder(path)).rejects.toThrow(`${path} may not be written`);
  }
});
