/** Ends a process when this one is gone, even by kill -9, which gives no chance to clean up. */
import { spawn } from "node:child_process";
import type { Socket } from "node:net";

/**
 * Starts a small helper that holds the other end of a pipe: however this process ends, the system closes the pipe,
 * and the helper sends SIGTERM to `pid`. Returns the function that dismisses it.
 */
export function endWithThisProcess(pid: number): () => void {
  const script = `process.stdin.resume().on("end", () => process.kill(${pid}))`;
  const helper = spawn(process.execPath, ["--eval", script], { stdio: ["pipe", "ignore", "ignore"] });
  // Neither may keep this process alive.
  helper.unref();
  (helper.stdin as Socket).unref();
  return () => helper.kill("SIGKILL");
}
