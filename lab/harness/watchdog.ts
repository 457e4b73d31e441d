/**
 * Ends the programs that this process has started when it is gone, even by kill -9, which leaves it no last
 * word.
 */
import { spawn } from "node:child_process";
import type { Socket } from "node:net";

/**
 * The helper learns the programs' ids from its input. The system closes that pipe however this process ends:
 * the helper then asks the programs to end, and after three seconds ends them by force.
 */
const HELPER = `
const pids = new Set();
const send = (signal) => {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      pids.delete(pid);
    }
  }
  if (pids.size === 0) process.exit();
};
require("node:readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => (line > 0 ? pids.add(Number(line)) : pids.delete(-line)))
  .on("close", () => {
    send("SIGTERM");
    setInterval(send, 100, 0);
    setTimeout(() => {
      send("SIGKILL");
      process.exit();
    }, 3000);
  });
`;

let input: Socket | undefined;

/**
 * Ends the program `pid` when this process is gone. Returns the function that forgets it, for when it has
 * ended.
 */
export function endWithThisProcess(pid: number): () => void {
  input ??= startHelper();
  const helper = input;
  helper.write(`${pid}\n`);
  return () => helper.write(`-${pid}\n`);
}

/** One for all programs. It has a session of its own: Ctrl-C and a closed terminal must not end it first. */
function startHelper(): Socket {
  const helper = spawn(process.execPath, ["--eval", HELPER], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    windowsHide: true,
  });
  // Neither may keep this process alive.
  helper.unref();
  const socket = helper.stdin as Socket;
  socket.unref();
  // Without its helper a program still ends in every other way.
  socket.on("error", () => {});
  return socket;
}
