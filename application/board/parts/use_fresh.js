/**
 * Keeps an answer of the gateway fresh: asks again when a figure of the queue has changed, once a second at
 * most, and not while nobody sees the page.
 * @import { HubMessage } from "../live/hub.js"
 * @import { Board } from "../live/store.js"
 * @import { QueueState } from "../../gateway/live/wire.ts"
 */
import { ask } from "./api.js";
import { useCallback, useEffect, useRef, useState } from "./html.js";
import { ui } from "./ui.js";

const AGAIN_MS = 1000;

/**
 * @template T
 * @typedef {{ answer?: T, error?: string, at?: number }} Fresh
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
        // What was shown stays: it was true.
        if (!signal.aborted)
          setKnown((before) => ({ ...before, error: /** @type {Error} */ (error).message }));
      }
      isAsking = false;
    }

    /** @param {HubMessage} _message @param {Board} board */
    function listen(_message, { queue }) {
      if (queue === undefined || ui.frozen !== undefined || isAsking || Date.now() - askedAt < AGAIN_MS)
        return;
      const now = figure.current(queue);
      if (now === seen) return;
      seen = now;
      void look();
    }

    void look();
    ui.listeners.add(listen);
    return () => {
      ui.listeners.delete(listen);
      ending.abort();
    };
  }, [path, turn]);
  return { ...known, again: useCallback(() => setTurn((before) => before + 1), []) };
}
