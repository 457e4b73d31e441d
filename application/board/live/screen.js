/**
 * When the page is drawn: at most 20 times a second while something comes in, ten times while only clocks
 * run, once a second when nothing moves, and never while nobody sees it.
 */
const SHORTEST_MS = 50;
const CLOCKS_MS = 100;
const STILL_MS = 1000;

/** @param {() => boolean} draw Returns whether clocks run on what it drew. */
export function openScreen(draw) {
  let drawnAt = 0;
  let dueAt = Number.POSITIVE_INFINITY;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function paint() {
    timer = undefined;
    dueAt = Number.POSITIVE_INFINITY;
    if (document.hidden) return;
    drawnAt = performance.now();
    const isMoving = draw();
    schedule(drawnAt + (isMoving ? CLOCKS_MS : STILL_MS));
  }

  /** @param {number} at */
  function schedule(at) {
    if (document.hidden || at >= dueAt) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(paint, Math.max(0, at - performance.now()));
  }

  const soon = () => schedule(drawnAt + SHORTEST_MS);
  document.addEventListener("visibilitychange", () => document.hidden || soon());
  return { soon };
}
