/**
 * The tasks of a lane. At its head stands the one in progress, which fills meanwhile; behind it those that
 * wait, from oldest to newest. While none is in progress the place at the head stays empty.
 * @import { Lane } from "../../gateway/live/wire.ts"
 */
import { count, duration, shortId } from "../parts/format.js";
import { html } from "../parts/html.js";
import { layTrack } from "./track_layout.js";
import { patternOf } from "./worker_looks.js";

/** In rem, as lanes.css has them. */
const SIZES = { head: 7.75, chip: 2.75, pair: 0.8, more: 3.9 };

/**
 * What all lanes share: the time, how long a task is expected to take, the width in rem, and whether there is
 * room for an empty place at the head.
 * @typedef {{ now: number, expected: number, width: number, isRoomy: boolean }} Frame
 */

/** @param {{ lane: Lane, look: number, frame: Frame }} props */
export function Track({ lane: { current, next, waiting }, look, frame }) {
  const rest = Math.max(next.length, waiting);
  const hasHead = current !== undefined || frame.isRoomy;
  const { chips, squares, more } = layTrack(frame.width - (hasHead ? SIZES.head : 0), rest, SIZES);
  const small = next.slice(chips, chips + squares);
  return html`<div class="tasks">
    ${current && html`<${Head} task=${current} look=${look} frame=${frame} />`}
    ${current === undefined && hasHead && rest > 0 && html`<i class="nobody"></i>`}
    ${next.slice(0, chips).map((id) => html`<i class="chip" key=${id}>${shortId(id)}</i>`)}
    ${
      squares > 0 &&
      html`<span class="squares">${small.map((id) => html`<i key=${id} title=${shortId(id)}></i>`)}</span>`
    }
    ${more > 0 && html`<b class="more">+ ${count(more)}</b>`}
  </div>`;
}

/** @param {{ task: { id: string, since: number }, look: number, frame: Frame }} props */
function Head({ task: { id, since }, look, frame: { now, expected } }) {
  const elapsed = Math.max(0, now - since);
  const share = Math.min(1, elapsed / expected).toFixed(3);
  return html`<i class="head running look-${patternOf(look)}">
    <i class="fill" style=${{ transform: `scaleX(${share})` }}></i>
    <span>${shortId(id)}</span><span class="n">${duration(elapsed)}</span>
  </i>`;
}
