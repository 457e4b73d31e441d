/**
 * What is to be asked of a task next: each question costs the gateway something, one for a task that it does
 * not know even a question to Kafka.
 * @import { Task } from "./journey.js"
 *
 * @typedef {object} Situation
 * @property {Pick<Task, "status"> | undefined} task As it was answered last.
 * @property {number | undefined} row Where it is stored.
 * @property {boolean} isRefused The gateway does not know it, or no more.
 * @property {number | undefined} storedThen How many rows the persister had when the row was asked for.
 * @property {number | undefined} stored How many it has now; missing where there is no database.
 * @property {boolean} isNamed An event tells of the task.
 * @property {boolean} isDue The last question was some time ago.
 */

/**
 * @param {Situation} situation
 * @returns {"task" | "row" | undefined}
 */
export function nextQuestion({ task, row, isRefused, storedThen, stored, isNamed, isDue }) {
  if (isNamed) return "task";
  if (isRefused || !isDue) return undefined;
  if (task === undefined || !isOver(task)) return "task";
  return row === undefined && stored !== undefined && stored !== storedThen ? "row" : undefined;
}

/** Whether its status does not change any more. @param {Pick<Task, "status">} task */
export const isOver = ({ status }) => status !== "PENDING" && status !== "STARTED";
