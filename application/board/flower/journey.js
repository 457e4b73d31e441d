/**
 * What is known of one task as steps, each with its numbers and the command that shows the same.
 * @typedef {object} Task As GET /tasks/<id> answers.
 * @property {string} task_id
 * @property {"PENDING" | "STARTED" | "SUCCESS" | "FAILED" | "CANCELLED"} status
 * @property {number} [attempts]
 * @property {import("../parts/flowers.js").Flower} [X]
 * @property {number} [partition]
 * @property {number} [offset]
 * @property {string} [accepted_at]
 * @property {string} [started_at]
 * @property {string} [ended_at]
 * @property {number} [duration_ms]
 * @property {number} [position]
 * @property {number} [eta_seconds]
 * @property {string} [worker]
 * @property {import("../../../common/iris.ts").Species} [species]
 * @property {{ code: string, message: string }} [error]
 * @property {string} [replay_of]
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {"done" | "now" | "later" | "never"} state
 * @property {string} words
 * @property {number} [at] Milliseconds since 1970.
 * @property {string} command
 */
import { count, duration, exact, shown } from "../parts/format.js";
import { isOver } from "./next_question.js";

/**
 * `before`: how many stood before it at first; `row`: where it is stored; `isStoring`: whether a persister
 * runs.
 * @param {{ task: Task, before?: number, row?: number, isStoring: boolean }} known
 * @param {string} origin
 * @returns {Step[]}
 */
export function stepsOf({ task, before, row, isStoring }, origin) {
  const { task_id, status, partition, offset, worker, attempts = 0 } = task;
  const at = `${origin}/tasks/${encodeURIComponent(task_id)}`;
  const isEnded = isOver(task);
  const isBegun = status === "STARTED" || (isEnded && (worker ?? task.started_at) !== undefined);
  const place = partition === undefined ? "" : ` in partition ${partition} at offset ${count(offset ?? 0)}`;
  const again = attempts > 1 ? `, at attempt ${attempts}: the worker before it fell silent` : "";
  return [
    step("accepted", "done", `Kafka has it${place}.`, `curl -s ${at}`, task.accepted_at),
    step("waits", status === "PENDING" ? "now" : "done", waits(task, before), `curl -s ${origin}/queue`),
    step(
      "begun",
      status === "STARTED" ? "now" : isBegun ? "done" : isEnded ? "never" : "later",
      isBegun ? `${shown(worker ?? "A worker")} has it${again}.` : "",
      `curl -s ${at}/history`,
      isBegun ? task.started_at : undefined,
    ),
    step(
      END[status] ?? "answered",
      isEnded ? "done" : "later",
      ends(task),
      `curl -s ${at}/result`,
      task.ended_at,
    ),
    stored(task, row, isStoring, origin, isEnded),
  ];
}

/**
 * @param {string} name @param {Step["state"]} state
 * @param {string} words @param {string} command @param {string} [at]
 */
function step(name, state, words, command, at) {
  return { name, state, words, command, ...(at !== undefined && { at: Date.parse(at) }) };
}

/** @param {Task} task @param {number | undefined} before */
function waits({ status, position, eta_seconds, accepted_at, started_at }, before) {
  if (status !== "PENDING") {
    const first = before === undefined ? "" : `${count(before)} before it. `;
    if (accepted_at === undefined || started_at === undefined) return first;
    return `${first}It waited ${exact(Math.max(0, Date.parse(started_at) - Date.parse(accepted_at)))}.`;
  }
  const now =
    position === undefined ? "" : position === 0 ? "It is the next." : `${count(position)} before it.`;
  return eta_seconds === undefined ? now : `${now} About ${duration(eta_seconds * 1000)} to go.`;
}

/** @type {Partial<Record<Task["status"], string>>} */
const END = { FAILED: "failed", CANCELLED: "cancelled" };

/** @param {Task} task */
function ends({ status, species, duration_ms, error }) {
  if (status !== "SUCCESS") return shown(error?.message ?? "");
  const took = duration_ms === undefined ? "" : ` The worker needed ${exact(duration_ms)}.`;
  return `It is ${species ?? "an iris"}.${took}`;
}

/**
 * @param {Task} task @param {number | undefined} row @param {boolean} isStoring
 * @param {string} origin @param {boolean} isEnded
 */
function stored({ task_id }, row, isStoring, origin, isEnded) {
  const command = `curl -s "${origin}/results?task_id=${encodeURIComponent(task_id)}"`;
  if (row !== undefined)
    return step("stored", "done", `Row ${count(row)} of the persister's table.`, command);
  if (isStoring || !isEnded) return step("stored", isEnded ? "now" : "later", "", command);
  const words = "No persister runs: the answer stays in Kafka until one does.";
  return step("stored", "now", words, "npx tsx 5_task_queue/persister.ts");
}

/**
 * The time from acceptance to the answer, in its parts, as shares of one.
 * @param {Task} task
 * @returns {{ name: string, ms: number, share: number }[]}
 */
export function spansOf({ accepted_at, started_at, ended_at, duration_ms = 0 }) {
  if (accepted_at === undefined || started_at === undefined || ended_at === undefined) return [];
  const [accepted, started, ended] = [Date.parse(accepted_at), Date.parse(started_at), Date.parse(ended_at)];
  const waited = Math.max(0, started - accepted);
  const back = Math.max(0, ended - started - duration_ms);
  const total = Math.max(1, waited + duration_ms + back);
  const spans = { waited, worked: duration_ms, "on its way": back };
  return Object.entries(spans).map(([name, ms]) => ({ name, ms, share: ms / total }));
}
