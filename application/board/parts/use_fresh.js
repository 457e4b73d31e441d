/**
 * Keeps an answer of the gateway fresh: asks when a figure of the queue is there or has changed, once a
 * second at most, and not while nobody sees the page.
 * @import { HubMessage } from "../live/hub.js"
 * @import { Board } from "../live/store.js"
 * @import { QueueState } from "../../gateway/live/wire.ts"
 */
import { ask } from "./api.js";
import { useCallback, useEffect, useRef, useState } from "./html.js";
import { ui } from "./ui.js";

const AGAIN_MS = 1000;
const NOTHING = { isMissing: true };

/**
 * @template T
 * @typedef {{ answer?: T, error?: string, at?: number, isMissing?: boolean }} Fresh `isMissing`: there is no
 *   such figure, so there is nothing to ask for.
 */

/**
 * @param {string} path
 * @param {(queue: QueueState) => unknown} figureOf Of what the answer depends.
 * @returns {Fresh<any> & { again: () => void }}
 */
export function useFresh(path, figureOf) {
  const [known, setKnown] = useState(/** @type {Fresh<unknown>} */ ({}));
  const figure = useRef(figureOf);
  figure.current = figureOf;
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    let askedAt = 0;
    /** @type {unknown} */
    let seen;
    let isAsking = false;

    async function look() {
      isAsking = true;
      askedAt = Date.now();
      try {
        const answer = await ask(path, { signal });
        if (!signal.aborted) setKnown({ answer, at: Date.now() });
      } catch (error) {
        seen = undefined;
        // What was shown stays: it was true.
        if (!signal.aborted)
          setKnown((before) => ({ ...before, error: /** @type {Error} */ (error).message }));
      }
      isAsking = false;
    }

    /** @param {HubMessage | undefined} _message @param {Board | undefined} board */
    function listen(_message, board) {
      const isDue = !isAsking && Date.now() - askedAt >= AGAIN_MS;
      if (board?.queue === undefined || ui.frozen !== undefined || !isDue) return;
      const now = figure.current(board.queue);
      if (now === undefined) setKnown(NOTHING);
      if (now === undefined || now === seen) return;
      seen = now;
      void look();
    }

    listen(undefined, ui.latest);
    ui.listeners.add(listen);
    return () => {
      ui.listeners.delete(listen);
      ending.abort();
    };
  }, [path, turn]);
  return { ...known, again: useCallback(() => setTurn((before) => before + 1), []) };
}
