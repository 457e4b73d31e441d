/**
 * Shows where a task goes: from its lane to the worker, from there to its place in the time line, in the
 * colour of what it became; a dead letter from its lane into the bin. Few fly at once, the rest just appear.
 * @import { Change } from "../../gateway/live/wire.ts"
 */
import { ui } from "../parts/ui.js";

const MOST = 24;
const LEG_MS = 450;
const less = matchMedia("(prefers-reduced-motion: reduce)");

/** @type {HTMLElement | undefined} */
let sky;
let flying = 0;

/** @param {readonly Change[]} changes */
export function fly(changes) {
  if (ui.view !== "queue" || less.matches || document.hidden) return;
  for (const change of changes) {
    if (flying >= MOST) return;
    if (change.kind === "started") launch("started", [lane(change.partition), worker(change.worker)]);
    else if (change.kind === "dead") launch("dead", [lane(change.original_partition), find("[data-bin]")]);
    else if (change.kind === "ended" && change.worker !== undefined) {
      const { duration_ms = 0, partition, outcome } = change;
      // Only what took some time was announced, and then stands at the worker already.
      const from = duration_ms < LEG_MS ? [lane(partition)] : [];
      launch(outcome, [...from, worker(change.worker), row(change.worker)]);
    }
  }
}

/** @param {string} look @param {(Element | null)[]} stops */
function launch(look, stops) {
  const places = stops.map((stop) => stop?.getBoundingClientRect());
  const keyframes = [];
  for (const place of places) {
    if (place === undefined || (place.width === 0 && place.height === 0)) return;
    const x = Math.round(place.left + Math.min(place.width / 2, 20));
    keyframes.push({ transform: `translate(${x}px, ${Math.round(place.top + place.height / 2)}px)` });
  }
  if (sky === undefined) {
    sky = document.createElement("div");
    sky.className = "sky";
    sky.ariaHidden = "true";
    document.body.append(sky);
  }
  const mote = document.createElement("i");
  mote.className = `mote ${look}`;
  sky.append(mote);
  flying += 1;
  const duration = LEG_MS * (keyframes.length - 1);
  const flight = mote.animate(keyframes, { duration, easing: "cubic-bezier(.4, 0, .3, 1)", fill: "both" });
  flight.onfinish = flight.oncancel = () => {
    flying -= 1;
    mote.remove();
  };
}

/** @param {string} selector */
const find = (selector) => document.querySelector(selector);
/** @param {number | undefined} partition */
const lane = (partition) => find(`[data-lane="${partition}"]`);
/** @param {string} name */
const worker = (name) => find(`[data-at="${CSS.escape(name)}"]`);
/** @param {string} name */
const row = (name) => find(`[data-now="${CSS.escape(name)}"]`);
