/**
 * Who works: with its partitions, what it has done, what it is at; who is gone, and for how long Kafka waits.
 * @import { Block, QueueState, WorkerState } from "../../gateway/live/wire.ts"
 */

import { FigureName } from "../parts/figure_name.js";
import { count, rate, shortId, shortName, shown } from "../parts/format.js";
import { html } from "../parts/html.js";
import { ui } from "../parts/ui.js";
import { pickWorkers } from "./pick_workers.js";
import { assignLooks, patternOf, shapeOf } from "./worker_looks.js";

/** @type {ReadonlyMap<string, number>} */
let looks = new Map();

/**
 * The look of each worker that is there or was a minute ago.
 * @param {QueueState} queue @param {readonly Block[]} blocks
 */
export function looksOf(queue, blocks) {
  const names = new Set([
    ...queue.workers.map(({ name }) => name),
    ...blocks.flatMap(({ worker }) => worker ?? []),
  ]);
  if (names.size === looks.size && [...names].every((name) => looks.has(name))) return new Map(looks);
  const assigned = assignLooks([...names], looks);
  looks = assigned;
  return assigned;
}

/** So many workers have two lines each, more have one. */
const MOST_ROOMY = 5;
const MOST = 24;
const MOST_ON_WALL = 8;
const CROSS = "M2 2 14 14M14 2 2 14";

/** Shape and pattern of a worker. @param {{ look: number, state?: WorkerState["state"] }} props */
export function Mark({ look, state = "working" }) {
  return html`<span class="mark ${state} look-${patternOf(look)}" aria-hidden="true">
    <svg viewBox="0 0 16 16">
      <path class=${state === "gone" ? "cross" : ""} d=${state === "gone" ? CROSS : shapeOf(look)} />
    </svg>
    <i></i>
  </span>`;
}

/** @param {{ queue: QueueState, looks: Map<string, number>, now: number }} props */
export function Workers({ queue: { workers, session_seconds }, looks, now }) {
  const { shown: shownWorkers, rest } = pickWorkers(workers, ui.isWall ? MOST_ON_WALL : MOST);
  const isTight = workers.length > MOST_ROOMY;
  return html`<section class="workers" aria-label="Workers">
    <h2><${FigureName} of="workers">workers<//></h2>
    ${workers.length === 0 && html`<p class="soft">none</p>`}
    <ul class=${isTight ? "tight" : ""}>
      ${shownWorkers.map((worker) => {
        const look = looks.get(worker.name) ?? 0;
        const props = { key: worker.name, worker, look, now, session: session_seconds, isTight };
        return html`<${Worker} ...${props} />`;
      })}
    </ul>
    ${rest > 0 && html`<p class="soft">and ${count(rest)} more</p>`}
  </section>`;
}

/**
 * In a tight list each has one line; the lanes tell its partitions.
 * @param {{ worker: WorkerState, look: number, now: number, session: number, isTight: boolean }} props
 */
function Worker({ worker, look, now, session, isTight }) {
  const { name, pid, state, partitions, done, per_second, current } = worker;
  // On the wall there is no room for a second line.
  const isShort = state === "gone" && isTight && ui.isWall;
  const process = pid === undefined ? "" : `pid ${pid}`;
  const at = html`<span class="at" data-at=${name}>
    ${current === undefined ? "idle" : html`at <b>${shortId(current)}</b>`}
  </span>`;
  const work = html`<span class="work">
    <span class="partitions">${partitions.join(" ") || "no partition"}</span>
    ${at} <span class="n">${rate(per_second)}/s</span>
  </span>`;
  return html`<li class="worker ${state}">
    <${Mark} look=${look} state=${state} />
    <strong title=${`${shown(name)} ${process}`}>${shortName(name)}</strong>
    ${
      isTight
        ? state === "gone"
          ? !isShort && html`<span></span>`
          : at
        : html`<span class="pid">${process}</span>`
    }
    ${!isShort && html`<span class="done n">${count(done)} done</span>`}
    ${
      state === "gone"
        ? html`<${Gone} worker=${worker} now=${now} session=${session} isShort=${isShort} />`
        : !isTight && work
    }
  </li>`;
}

/** @param {{ worker: WorkerState, now: number, session: number, isShort: boolean }} props */
function Gone({ worker: { session_ends_at }, now, session, isShort }) {
  const left = session_ends_at === undefined ? 0 : Math.max(0, session_ends_at - now);
  const share = Math.min(1, left / (session * 1000));
  const seconds = `${Math.ceil(left / 1000)} s`;
  const wait = isShort ? `${seconds} left` : `its partitions move in ${seconds}`;
  const words = left > 0 ? `gone; ${wait}` : "gone";
  return html`<span class="gone-words ${isShort ? "short" : ""}">${words}</span>
    <i class="countdown ${left > 0 ? "" : "over"}" aria-hidden="true">
      <i style=${{ transform: `scaleX(${share.toFixed(3)})` }}></i>
    </i>`;
}
