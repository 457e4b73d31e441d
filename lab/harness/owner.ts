/**
 * Names of temporary things: they say who made them and when, so that what a crash left behind can be
 * recognised.
 */
import { createHash, randomBytes } from "node:crypto";
import { readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** What the lab and the tests make in a Kafka or in the folder for temporary files. */
const KINDS = ["demo", "tour", "verify", "bench", "test"] as const;
export type Kind = (typeof KINDS)[number];

const NAME = new RegExp(`(?:${KINDS.join("|")})-([0-9a-f]{8})-(\\d+)-([0-9a-z]{6,7})-[0-9a-f]{4}-`);
/** A process of another machine cannot be looked up; but no demonstration lasts a week. */
const LONGEST_LIFE_S = 7 * 24 * 3600;

/**
 * A new name, for example demo-3fa9c1d2-4711-t4k2xc-7f3a-: the kind, this machine, this process, the time.
 */
export function ownName(kind: Kind): string {
  const time = nowInSeconds().toString(36);
  return `${kind}-${machine()}-${process.pid}-${time}-${randomBytes(2).toString("hex")}-`;
}

/** Whether a name was made by ownName(), in a process that is gone. */
export function isAbandoned(name: string): boolean {
  const [, madeOn, pid, time] = NAME.exec(name) ?? [];
  if (madeOn === undefined || time === undefined) return false;
  if (nowInSeconds() - Number.parseInt(time, 36) > LONGEST_LIFE_S) return true;
  return madeOn === machine() && !isAlive(Number(pid));
}

function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** Where process ids mean the same: a host, or one container of it. */
function machine(): string {
  let namespace = "";
  try {
    namespace = readlinkSync("/proc/self/ns/pid");
  } catch {
    // Linux alone has these.
  }
  return createHash("sha256").update(`${hostname()} ${namespace}`).digest("hex").slice(0, 8);
}

/** Whether a process of this machine is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
