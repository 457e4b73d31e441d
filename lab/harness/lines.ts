/** The lines of the stages' programs that the lab and the tests wait for: each pattern stands here, once. */
import type { Program } from "./programs.ts";

/** Stage 2: the prompt is ready. */
export const MODEL_LOADED = /loaded once/;
/** Stages 1 to 3: an answer; the group is the class, 0 to 2. */
export const ANSWER = /^Iris type: ([012]) /;
/** Stage 3's server is ready; the group is its address. */
export const SERVES = /serves on (http:\S+)/;
/** Stage 3's client was refused. */
export const REFUSED = /^503: /;

/** A worker or a persister after each rebalance: the topic, its partitions (or none), and how many. */
export const PARTITIONS = /^Partitions of (\w+): ([\d, ]+|none) \((\d+)\)$/;
/** Stage 4's client: Kafka has the task. */
export const QUEUED = /^Queued: /;
/** Stage 4's worker has answered: partition and offset. */
export const ANSWERED = /^Answered partition (\d+), offset (\d+)/;
/** Stage 5's client has sent a task: the start of its id, and the measurements. */
export const ASKED = /^-> (\S+) (\S+)$/;
/**
 * Stage 5's client has an answer: the start of its task's id, the species, the worker, and the milliseconds.
 */
export const TOLD = /^<- (\S+) (\w+), (.+), (\d+) ms$/;
/**
 * Stage 5's worker has done a task: the start of its id, the species, the partition, and the milliseconds.
 */
export const TASK_DONE = /^(\S+) (\w+), partition (\d+), (\d+) ms$/;
/** The persister has started; it reads when it owns the partition of `results`. */
export const STORING = /^Storing results in (.+) \(pid (\d+), /;
/** The persister after each batch: how many were new, and the offset of the last. */
export const STORED = /^Stored (\d+)\b.* up to offset (\d+)$/;

/** The persister has stored everything up to this offset of `results`. */
export function storedUpTo(offset: number): RegExp {
  return new RegExp(`^Stored \\d+\\b.* up to offset ${offset}$`);
}

/** The application's gateway listens; the group is its address. */
export const GATEWAY_LISTENS = /^Gateway on (http:\S+)/;
/** The application is ready; the group is the board's address. */
export const APP_OPENS = /^Open (http:\S+) \(Ctrl-C stops all\)$/;
/** A role of the application does its work: its name, `again` after it had died, its process id. */
export const ROLE_READY = /^(\S+) +ready(?: (again))? \(pid (\d+)\)$/;

/** Waits until the worker owns so many partitions, by the last line that tells of them. */
export async function ownsPartitions(worker: Program, count: number): Promise<void> {
  await worker.waitForState(PARTITIONS, ([, , , owned]) => Number(owned) === count);
}

/** Waits until the persister has stored so many rows since it was started. */
export async function storedRows(persister: Program, count: number): Promise<void> {
  let rows = 0;
  await persister.waitForLine((text) => {
    rows += Number(STORED.exec(text)?.[1] ?? 0);
    return rows >= count;
  }, `that makes it ${count} stored rows`);
}
