/**
 * Follows one task: asks for it again whenever the events say that something has happened to it.
 * @import { HubMessage } from "../live/hub.js"
 * @import { Board } from "../live/store.js"
 * @import { Task } from "./journey.js"
 */
import { ask, Refusal } from "../parts/api.js";
import { useEffect, useState } from "../parts/html.js";
import { ui } from "../parts/ui.js";
import { isOver, nextQuestion } from "./next_question.js";

/** While others stand before it, and while it is not stored yet, so often at most. */
const AGAIN_MS = 500;
/** No such task, no more, no such id: to ask again changes nothing. */
const LASTING = [404, 410, 422];

/** Rows of the persister's database, if there is one. */
const storedNow = () => ui.latest?.queue?.totals.stored;

/**
 * `before`: how many stood before it when it was first seen.
 * @typedef {{ task?: Task, before?: number, row?: number, error?: string, isStoring: boolean }} Known
 */

/**
 * What is known of the task; it is asked for once, and then followed while the board is not paused.
 * @param {string} id
 * @returns {Known}
 */
export function useTask(id) {
  const [known, setKnown] = useState(/** @type {Known} */ ({ isStoring: true }));

  useEffect(() => {
    setKnown({ isStoring: true });
    if (id === "") return;
    const name = encodeURIComponent(id);
    const ending = new AbortController();
    const { signal } = ending;
    /** @type {Known} */
    let seen = { isStoring: true };
    let askedAt = 0;
    let isAsking = false;
    let isRefused = false;
    /** @type {number | undefined} */
    let storedThen;

    /** @param {() => Promise<void>} question */
    async function look(question) {
      isAsking = true;
      askedAt = Date.now();
      try {
        await question();
        isRefused = false;
      } catch (error) {
        if (signal.aborted) return;
        isRefused = error instanceof Refusal && LASTING.includes(error.status);
        seen = { ...seen, error: /** @type {Error} */ (error).message };
      }
      isAsking = false;
      if (!signal.aborted) setKnown(seen);
    }

    async function askTask() {
      /** @type {Task} */
      const task = await ask(`/tasks/${name}`, { signal });
      const before = seen.before ?? task.position;
      seen = { ...seen, task, ...(before !== undefined && { before }) };
      // Where there is no database there is no row to ask for.
      if (isOver(task) && seen.row === undefined && storedNow() !== undefined) await askRow();
    }

    async function askRow() {
      storedThen = storedNow();
      /** @type {{ results: { row: number }[] }} */
      const { results } = await ask(`/results?task_id=${name}`, { signal }).catch(() => ({
        results: [],
      }));
      if (results[0] !== undefined) seen = { ...seen, row: results[0].row };
    }

    /** @param {HubMessage} message @param {Board} board */
    function listen(message, { queue }) {
      if (ui.frozen !== undefined || isAsking) return;
      const isStoring = queue === undefined ? seen.isStoring : queue.persisters.members > 0;
      if (isStoring !== seen.isStoring) {
        seen = { ...seen, isStoring };
        setKnown(seen);
      }
      const isNamed =
        "events" in message &&
        message.events.some((event) => event.name === "changes" && names(event.data.changes, id));
      const isDue = Date.now() - askedAt > AGAIN_MS;
      const { task, row } = seen;
      const asked = { isRefused, storedThen, stored: storedNow() };
      const question = nextQuestion({ task, row, ...asked, isNamed, isDue });
      if (question !== undefined) void look(question === "task" ? askTask : askRow);
    }

    void look(askTask);
    ui.listeners.add(listen);
    return () => {
      ui.listeners.delete(listen);
      ending.abort();
    };
  }, [id]);
  return known;
}

/** @param {readonly import("../../gateway/live/wire.ts").Change[]} changes @param {string} id */
const names = (changes, id) => changes.some((change) => "id" in change && change.id === id);
