import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { isAlive } from "./owner.ts";
import { ROOT } from "./programs.ts";

/** Starts stage 3's server as the lab does, tells its process id, and stays. */
const OWNER = `
const { start } = await import("./lab/harness/programs.ts");
const server = start("3_client_server/server.ts", ["--port", "0"]);
await server.waitFor(/serves on/);
console.log(server.pid);
`;

test.skipIf(process.platform === "win32")("a program ends when its owner was killed with -9", async () => {
  const args = ["--import", "tsx", "--input-type=module", "--eval", OWNER];
  const owner = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: owner.stdout }), "line")) as [string];
  const server = Number(line);
  expect(isAlive(server)).toBe(true);
  owner.kill("SIGKILL");
  // The time limit of the test is the assertion: this ends when the server has.
  while (isAlive(server)) await sleep(20);
});
