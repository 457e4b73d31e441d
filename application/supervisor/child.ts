/** One process of the application: started, listened to, ended. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { SUPERVISED } from "../supervised.ts";

/** Lets any supported Node run TypeScript. */
const LOADER = new URL("../../common/typescript.mjs", import.meta.url).href;
const fromRoot = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const IS_WINDOWS = process.platform === "win32";

export interface ChildPlan {
  /** From the project's folder: "application/worker.ts". */
  file: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Whether anybody wants to read what it prints on stdout. */
  isHeard: boolean;
  onLine(text: string, from: "stdout" | "stderr"): void;
  onMessage(message: unknown): void;
}

/** `code` or `signal` is null. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Child {
  pid: number;
  send(message: unknown): void;
  /** Asks it to end, as Ctrl-C would. */
  stop(): void;
  /** Ends it on the spot, as a crash would. */
  kill(): void;
  /** Resolves when it has ended and all its lines are told. */
  exited: Promise<Exit>;
}

/** Resolves when the process is there. It has a channel to this one, and ends when that closes. */
export async function startChild(plan: ChildPlan): Promise<Child> {
  const child = spawn(process.execPath, ["--import", LOADER, fromRoot(plan.file), ...plan.args], {
    env: { ...plan.env, [SUPERVISED]: "1" },
    stdio: ["ignore", plan.isHeard ? "pipe" : "ignore", "pipe", "ipc"],
    // A terminal's Ctrl-C is for the application, which ends its processes in their order. (On Windows they
    // would get windows of their own.)
    detached: !IS_WINDOWS,
    windowsHide: true,
  });
  const follow = (stream: Readable | null, from: "stdout" | "stderr") =>
    stream && createInterface({ input: stream }).on("line", (text) => plan.onLine(text, from));
  follow(child.stdout, "stdout");
  follow(child.stderr, "stderr");
  child.on("message", plan.onMessage);
  const exited = once(child, "close").then(([code, signal]): Exit => ({ code, signal }));
  await once(child, "spawn");
  // From now on an error is one of a message that came too late.
  child.on("error", () => {});
  return {
    pid: child.pid as number,
    exited,
    send: (message) => {
      if (child.connected) child.send(message as object, () => {});
    },
    stop: () => {
      if (!IS_WINDOWS) child.kill("SIGTERM");
      else if (child.connected) child.send("shutdown", () => {});
    },
    kill: () => {
      child.kill("SIGKILL");
    },
  };
}
