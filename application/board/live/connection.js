/**
 * A tab's way to the events: through the worker that all tabs share, else by itself.
 * @import { HubMessage } from "./hub.js"
 */
import { openHub } from "./hub.js";

/** @param {(message: HubMessage) => void} onMessage */
export function connect(onMessage) {
  /** @type {(word: "seen" | "hidden" | "leave") => void} */
  let say = () => {};
  const tellWhetherSeen = () => say(document.hidden ? "hidden" : "seen");

  function alone() {
    const seat = openHub().join(onMessage);
    say = (word) => (word === "leave" ? seat.leave() : seat.see(word === "seen"));
    tellWhetherSeen();
  }

  document.addEventListener("visibilitychange", tellWhetherSeen);
  // A page that the browser keeps for the back button comes back with `pageshow`.
  addEventListener("pagehide", () => say("leave"));
  addEventListener("pageshow", ({ persisted }) => persisted && tellWhetherSeen());

  if (!("SharedWorker" in globalThis)) return alone();
  const worker = new SharedWorker("/board/live/shared_worker.js", { type: "module", name: "iris-board" });
  worker.onerror = alone;
  worker.port.onmessage = ({ data }) => onMessage(data);
  say = (word) => worker.port.postMessage(word);
  tellWhetherSeen();
}
