/**
 * One connection for many tabs: counts the events once, and passes them on to the tabs that are seen. A tab
 * that comes back into view gets all as it is now.
 * @import { Board, LiveEvent } from "./store.js"
 *
 * @typedef {{ board: Board } | { events: LiveEvent[] }} HubMessage
 * @typedef {{ see(isSeen: boolean): void, leave(): void }} Seat
 */
import { createSource } from "./source.js";
import { EMPTY, reduce } from "./store.js";

/** Twenty messages a second at most. */
const BATCH_MS = 50;
/** A page that is loaded again, or a look at another tab, does not end the connection. */
const GRACE_MS = 5000;

/** While nobody watches there is no connection, and the gateway need not ask Kafka for anybody. */
export function openHub() {
  let board = EMPTY;
  /** @type {LiveEvent[]} */
  let batch = [];
  /** @type {Map<Seat, (message: HubMessage) => void>} */
  const watching = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let ending;

  function flush() {
    const events = batch;
    batch = [];
    for (const post of watching.values()) post({ events });
  }

  const source = createSource((event) => {
    board = reduce(board, event, Date.now());
    if (watching.size === 0) return;
    if (batch.push(event) === 1) setTimeout(flush, BATCH_MS);
  });

  /** @param {Seat} seat */
  function leave(seat) {
    if (watching.delete(seat) && watching.size === 0) ending = setTimeout(source.close, GRACE_MS);
  }

  return {
    /**
     * @param {(message: HubMessage) => void} post
     * @returns {Seat}
     */
    join(post) {
      const seat = {
        /** @param {boolean} isSeen */
        see(isSeen) {
          if (!isSeen) return leave(seat);
          if (watching.has(seat)) return;
          // What is in the batch is in the board too: the others get it first.
          flush();
          watching.set(seat, post);
          post({ board });
          clearTimeout(ending);
          source.open();
        },
        leave: () => leave(seat),
      };
      return seat;
    },
  };
}
