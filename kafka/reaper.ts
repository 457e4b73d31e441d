/** Ends a process when this one is gone, even by kill -9, which gives no chance to clean up. */
import { spawn } from "node:child_process";
import type { Socket } from "node:net";

/** How long a process has to end by itself before it is ended by force. */
export const LONGEST_STOP_MS = 10_000;

/**
 * The helper waits until its input is closed. Then it asks the process to end, waits until it has ended, and
 * uses force if that takes too long.
 */
const HELPER = `
const [pid, limit] = process.argv.slice(1).map(Number);
const send = (signal) => {
  try {
    process.kill(pid, signal);
  } catch {
    process.exit();
  }
};
process.stdin.resume().on("error", () => {}).on("close", () => {
  send("SIGTERM");
  setInterval(send, 100, 0);
  setTimeout(() => {
    send("SIGKILL");
    process.exit();
  }, limit);
});
`;

/**
 * Starts a small helper that holds the other end of a pipe. However this process ends, the system closes the
 * pipe, and the helper ends `pid`. Returns the function that ends the helper.
 */
export function endWithThisProcess(pid: number, longestStopMs = LONGEST_STOP_MS): () => void {
  const helper = spawn(process.execPath, ["--eval", HELPER, `${pid}`, `${longestStopMs}`], {
    stdio: ["pipe", "ignore", "ignore"],
    // Ctrl-C and a closed terminal must not end the helper before its work is done.
    detached: true,
  });
  // Neither may keep this process alive.
  helper.unref();
  (helper.stdin as Socket).unref();
  return () => helper.kill("SIGKILL");
}
