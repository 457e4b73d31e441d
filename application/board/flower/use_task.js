/**
 * Follows one task: asks for it again whenever the events say that something has happened to it.
 * @import { HubMessage } from "../live/hub.js"
 * @import { Board } from "../live/store.js"
 * @import { Task } from "./journey.js"
 */
import { ask } from "../parts/api.js";
import { useEffect, useState } from "../parts/html.js";
import { ui } from "../parts/ui.js";

/** While others stand before it, and while it is not stored yet, so often. */
const AGAIN_MS = 500;

/**
 * `before`: how many stood before it when it was first seen.
 * @typedef {{ task?: Task, before?: number, row?: number, error?: string, isStoring: boolean }} Known
 */

/**
 * @param {string} id
 * @returns {Known}
 */
export function useTask(id) {
  const [known, setKnown] = useState(/** @type {Known} */ ({ isStoring: true }));

  useEffect(() => {
    setKnown({ isStoring: true });
    if (id === "") return;
    const ending = new AbortController();
    const { signal } = ending;
    /** @type {Known} */
    let seen = { isStoring: true };
    let askedAt = 0;
    let isAsking = false;

    async function look() {
      if (isAsking) return;
      isAsking = true;
      askedAt = Date.now();
      try {
        const name = encodeURIComponent(id);
        /** @type {Task} */
        const task = await ask(`/tasks/${name}`, { signal });
        const before = seen.before ?? task.position;
        seen = { ...seen, task, ...(before !== undefined && { before }) };
        // Where there is no database there is no row to ask for.
        if (isOver(task) && seen.row === undefined && ui.latest?.queue?.totals.stored !== undefined) {
          /** @type {{ results: { row: number }[] }} */
          const { results } = await ask(`/results?task_id=${name}`, { signal }).catch(() => ({
            results: [],
          }));
          if (results[0] !== undefined) seen = { ...seen, row: results[0].row };
        }
      } catch (error) {
        if (signal.aborted) return;
        seen = { ...seen, error: /** @type {Error} */ (error).message };
      }
      isAsking = false;
      if (!signal.aborted) setKnown(seen);
    }

    /** @param {HubMessage} message @param {Board} board */
    function listen(message, { queue }) {
      if (queue !== undefined) seen = { ...seen, isStoring: queue.persisters.members > 0 };
      const isNamed =
        "events" in message &&
        message.events.some((event) => event.name === "changes" && names(event.data.changes, id));
      const isOpen = seen.task === undefined || !isOver(seen.task) || seen.row === undefined;
      if (isNamed || (isOpen && Date.now() - askedAt > AGAIN_MS)) void look();
    }

    void look();
    ui.listeners.add(listen);
    return () => {
      ui.listeners.delete(listen);
      ending.abort();
    };
  }, [id]);
  return known;
}

/** @param {Task} task */
const isOver = ({ status }) => status !== "PENDING" && status !== "STARTED";

/** @param {readonly import("../../gateway/live/wire.ts").Change[]} changes @param {string} id */
const names = (changes, id) => changes.some((change) => "id" in change && change.id === id);
