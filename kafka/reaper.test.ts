/** A process that must not outlive its owner does not, whatever reaches the two of them before. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";

let owner: ChildProcess;
let child: number;
afterEach(() => {
  owner.kill("SIGKILL");
  if (isAlive(child)) process.kill(child, "SIGKILL");
});

/**
 * An owner with a child that ignores SIGTERM. Both ignore Ctrl-C, as a program does that is ending already.
 */
async function startOwner(): Promise<void> {
  const stubborn = `for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"]) process.on(signal, () => {});
    setInterval(() => {}, 1000); console.log(process.pid)`;
  const script = `
    import { spawn } from "node:child_process";
    import { endWithThisProcess } from "./kafka/reaper.ts";
    for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});
    const args = ["--eval", ${JSON.stringify(stubborn)}];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.once("data", (pid) => {
      endWithThisProcess(Number(pid), 500);
      console.log(Number(pid));
    });`;
  owner = spawn(process.execPath, ["--import", "tsx", "--eval", script], {
    cwd: join(import.meta.dirname, ".."),
    stdio: ["ignore", "pipe", "inherit"],
    // A process group of its own, as a terminal gives it.
    detached: true,
  });
  const [pid] = await once(owner.stdout as NodeJS.ReadableStream, "data");
  child = Number(pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.skipIf(process.platform === "win32").each(["SIGINT", "SIGHUP"] as const)(
  "%s reaches all of them, then the owner is killed: the child ends, by force if it must",
  async (signal) => {
    await startOwner();
    process.kill(-(owner.pid as number), signal);
    expect(isAlive(child)).toBe(true);
    owner.kill("SIGKILL");
    while (isAlive(child)) await sleep(20);
  },
);
