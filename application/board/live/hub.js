/**
 * One connection for many tabs: counts the events once, and passes them on to the tabs that are seen. A tab
 * that comes back into view gets all as it is now.
 * @import { Board, LiveEvent } from "./store.js"
 *
 * @typedef {{ board: Board } | { events: LiveEvent[] }} HubMessage
 * @typedef {{ see(isSeen: boolean): void, leave(): void }} Seat
 */
import { follow } from "./source.js";
import { EMPTY, reduce } from "./store.js";

/** Twenty messages a second at most. */
const BATCH_MS = 50;

export function openHub() {
  let board = EMPTY;
  /** @type {LiveEvent[]} */
  let batch = [];
  /** @type {Map<Seat, (message: HubMessage) => void>} */
  const watching = new Map();

  function flush() {
    const events = batch;
    batch = [];
    for (const post of watching.values()) post({ events });
  }

  follow((event) => {
    board = reduce(board, event, Date.now());
    if (watching.size === 0) return;
    if (batch.push(event) === 1) setTimeout(flush, BATCH_MS);
  });

  return {
    /**
     * @param {(message: HubMessage) => void} post
     * @returns {Seat}
     */
    join(post) {
      const seat = {
        /** @param {boolean} isSeen */
        see(isSeen) {
          if (!isSeen || watching.has(seat)) return void (isSeen || watching.delete(seat));
          // What is in the batch is in the board too: the others get it first.
          flush();
          watching.set(seat, post);
          post({ board });
        },
        leave: () => void watching.delete(seat),
      };
      return seat;
    },
  };
}
