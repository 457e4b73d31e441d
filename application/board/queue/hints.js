/**
 * One sentence about what is unusual, what it means, and the command that changes it: an empty board teaches.
 * @import { Board } from "../live/store.js"
 * @import { QueueState, WorkerState } from "../../gateway/live/wire.ts"
 * @typedef {{ text: string, command?: string, isTrouble?: boolean }} Hint
 */
import { clock, count, listed, plural, shown } from "../parts/format.js";

const SETUP = "npx tsx 5_task_queue/kafka_setup.ts";
const WORKER = "npx tsx 5_task_queue/worker.ts --inference-time 1";
const PERSISTER = "npx tsx 5_task_queue/persister.ts";
const CLIENT = "npx tsx 5_task_queue/client.ts --samples 24";

/**
 * @param {Board} board @param {number} now By the gateway's clock.
 * @param {string} host Where the page looks for the gateway: "localhost:8080".
 * @returns {Hint | undefined}
 */
export function hintOf({ link, linkSince, queue }, now, host) {
  if (link === "lost") {
    const since = clock(linkSince).slice(0, 8);
    const away = `The gateway at ${host} has not answered since ${since}. The page tries again.`;
    return { text: `${away} ${startGateway(host)}`, isTrouble: true };
  }
  if (queue === undefined) return { text: "Asking the gateway what there is." };
  return hintOfKafka(queue) ?? hintOfWorkers(queue, now) ?? hintOfTasks(queue);
}

/** The page cannot know which of the two commands it was. @param {string} host */
function startGateway(host) {
  const [, port = "80"] = /:(\d+)$/.exec(host) ?? [];
  const options = port === "8080" ? "" : ` -- --port ${port}`;
  return `Start it again: npm run app${options}, or npm run gateway${options}`;
}

/** For the Kafka of this project; one elsewhere has other ways. @param {string} brokers */
function startKafka(brokers) {
  const [, port] = /^(?:localhost|127\.0\.0\.1):(\d+)$/.exec(brokers) ?? [];
  if (port === undefined) return undefined;
  return port === "9092" ? "npm run kafka" : `npm run kafka -- --port ${port}`;
}

/** @param {QueueState} queue @returns {Hint | undefined} */
function hintOfKafka({ kafka, problem, brokers, as_of, lanes, behind }) {
  if (kafka === "away") {
    const seen = as_of === 0 ? "" : ` This is what was seen at ${clock(as_of).slice(0, 8)}.`;
    const why = problem === undefined ? "" : ` (${shown(problem)})`;
    const text = `Kafka tells nothing at ${shown(brokers)}${why}.${seen} What it holds is not lost.`;
    // Who is refused need not start it.
    if (/authori[sz]|authenticat/i.test(problem ?? ""))
      return { text, command: "npm run doctor", isTrouble: true };
    const command = startKafka(brokers);
    const again = command === "npm run kafka" ? "" : " Start it again where it ran.";
    return { text: text + again, ...(command && { command }), isTrouble: true };
  }
  // It names the topics that are missing, and the command that makes them again.
  if (problem !== undefined) return { text: shown(problem), isTrouble: true };
  if (lanes.length === 0)
    return { text: "There is no topic tasks yet, so nothing can wait.", command: SETUP };
  if (behind > 100) {
    return {
      text: `The gateway still reads the log: ${count(behind)} messages to go. The figures grow until then.`,
    };
  }
  return undefined;
}

/** @param {QueueState} queue @param {number} now @returns {Hint | undefined} */
function hintOfWorkers({ lanes, workers, totals, has_hidden_workers }, now) {
  const here = workers.filter(({ state }) => state !== "gone");
  const orphans = lanes.filter(({ owner }) => owner === undefined);
  const lost = lastGone(workers, now);
  if (lost !== undefined && orphans.length > 0) {
    const left = Math.ceil(((lost.session_ends_at ?? now) - now) / 1000);
    const when = left > 0 ? `Kafka waits ${left} s more for it` : "Kafka deals them out anew";
    const which = plural(orphans.length, "partition");
    const keep = orphans.length === 1 ? "keeps its" : "keep their";
    return { text: `${shown(lost.name)} is gone. ${when}; ${which} without an owner ${keep} tasks.` };
  }
  if (here.length === 0 && has_hidden_workers) {
    return {
      text: "Workers may be there that use the new consumer protocol (KIP-848): Kafka does not list them.",
    };
  }
  if (here.length === 0) {
    const what = totals.waiting > 0 ? `${plural(totals.waiting, "task")} wait` : "what is sent now waits";
    return { text: `No worker: ${what} in Kafka until one comes.`, command: WORKER };
  }
  if (lanes.length === 1) {
    return { text: "One partition: one worker has it, every other stands by.", command: SETUP };
  }
  const idle = here.filter(({ partitions }) => partitions.length === 0).map(({ name }) => shown(name));
  if (here.length > lanes.length && idle.length > 0) {
    const text = `More workers than partitions: ${idle.join(", ")} can get no task.`;
    return { text, command: `${SETUP} --partitions ${2 * lanes.length}` };
  }
  if (orphans.length > 0) {
    const which = listed(orphans.map(({ partition }) => partition));
    return { text: `A rebalance: the group deals out the partitions anew (${which} without an owner).` };
  }
  return undefined;
}

/**
 * The worker that went last; before others one for which Kafka still waits.
 * @param {readonly WorkerState[]} workers @param {number} now
 */
function lastGone(workers, now) {
  const gone = workers.filter(({ state }) => state === "gone");
  const isOpen = (/** @type {WorkerState} */ { session_ends_at = 0 }) => Number(session_ends_at > now);
  return gone.sort((a, b) => isOpen(b) - isOpen(a) || (b.gone_at ?? 0) - (a.gone_at ?? 0))[0];
}

/** @param {QueueState} queue @returns {Hint | undefined} */
function hintOfTasks({ totals, persisters }) {
  if (persisters.members === 0 && persisters.waiting > 0) {
    return {
      text: `No persister: ${plural(persisters.waiting, "answer")} not stored yet.`,
      command: PERSISTER,
    };
  }
  if (totals.waiting > 0 || totals.in_progress > 0) return undefined;
  return { text: "Nothing waits.", command: CLIENT };
}
