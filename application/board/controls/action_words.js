/**
 * What was seen of an action, in words: "24 of 24 answered, none twice, in 8.1 s".
 * @import { Action } from "./actions.js"
 */
import { count, duration, listed, plural, shown } from "../parts/format.js";
import { inWords } from "../queue/timeline_layout.js";
import { isBegunAgain, isEnded } from "./fates.js";

/** Shorter than this, a partition without an owner is not worth a word. */
const LEAST_WAIT_MS = 100;

/** @param {Action} action @param {number} now */
export function actionInWords(action, now) {
  if (action.error !== undefined) return action.error;
  const took = duration((action.endedAt ?? now) - action.at);
  if (action.kind === "send") return sent(action, took);
  if (action.kind === "rubbish") return rubbish(action);
  return ofWorker(action, took, now);
}

/** @param {Action} action @param {string} took */
function sent({ ids, count: howMany, fates, waitedMs, endedAt }, took) {
  if (ids === undefined) return `Sending ${plural(howMany, "random flower")}.`;
  const mine = [...ids].flatMap((id) => fates.get(id) ?? []);
  const ended = mine.filter(isEnded);
  const answered = ended.filter(({ outcome }) => outcome !== "FAILED" && outcome !== "CANCELLED");
  const words = [`${count(answered.length)} of ${count(ids.size)} answered`];
  const others = ended.length - answered.length;
  if (others > 0) words.push(`${count(others)} failed or cancelled`);
  const twice = ended.filter((fate) => fate.ended > 1).length;
  words.push(twice === 0 ? "none twice" : `${count(twice)} twice`);
  const again = mine.filter(isBegunAgain).length;
  if (again > 0) words.push(`${count(again)} begun again`);
  if (waitedMs >= LEAST_WAIT_MS) words.push(`${duration(waitedMs)} without an owner`);
  return `${words.join(", ")}, ${endedAt === undefined ? took : `in ${took}`}`;
}

/** @param {Action} action */
function rubbish({ place, letter }) {
  if (place === undefined) return "Sending rubbish.";
  const where = `partition ${place.partition}, offset ${count(place.offset)}`;
  if (letter === undefined) return `Rubbish in ${where}: no worker has met it yet.`;
  const became = `${letter.partition}/${letter.offset}`;
  return `Rubbish in ${where} was set aside as dead letter ${became}: ${shown(letter.reason)}`;
}

/** @param {Action} action @param {string} took @param {number} now */
function ofWorker({ kind, worker, pid, partitions, rebalance }, took, now) {
  const who = worker === "" ? "A worker" : `${shown(worker)}${pid === undefined ? "" : ` (pid ${pid})`}`;
  if (kind === "add") {
    if (partitions === undefined) return `${who} starts, ${took}`;
    return `${who} has ${listed(partitions)} after ${took}`;
  }
  if (rebalance !== undefined) {
    // Kafka tells only that it is gone; who asked for it knows why.
    const what = kind === "kill" ? "was killed" : "has left";
    const cause = rebalance.cause.replace(`${worker} is gone`, `${worker} ${what}`);
    return inWords({ ...rebalance, cause }, now);
  }
  return kind === "kill"
    ? `${who} was killed: Kafka waits for it, ${took}`
    : `${who} finishes and leaves, ${took}`;
}
