/**
 * A lane a partition: its owner, its tasks, and its offsets as Kafka has them.
 * @import { Block, Lane, QueueState } from "../../gateway/live/wire.ts"
 * @import { Frame } from "./track.js"
 */
import { count, duration, shown } from "../parts/format.js";
import { html, useLayoutEffect, useRef, useState } from "../parts/html.js";
import { ui } from "../parts/ui.js";
import { FigureName } from "./totals.js";
import { Track } from "./track.js";
import { expectedMs } from "./track_layout.js";
import { Mark } from "./workers.js";

const COLUMNS = ["partition", "owner", "tasks", "offset", "offset", "wait", "age"];

/** @param {{ queue: QueueState, blocks: readonly Block[], looks: Map<string, number>, now: number }} props */
export function Lanes({ queue: { lanes }, blocks, looks, now }) {
  const [track, width] = useWidth();
  const frame = { now, expected: expectedMs(blocks), width };
  return html`<table class="lanes">
    <caption class="hidden">Partitions of the topic tasks</caption>
    <colgroup>${COLUMNS.map((name) => html`<col class="c-${name}" />`)}</colgroup>
    <thead>
      <tr>
        <th scope="col" colspan="2"><${FigureName} of="lanes">partition, owner<//></th>
        <th scope="col" ref=${track}>in progress, then waiting, oldest first</th>
        <th scope="col" class="n"><${FigureName} of="committed">committed<//></th>
        <th scope="col" class="n"><${FigureName} of="end">end<//></th>
        <th scope="col" class="n"><${FigureName} of="waiting">waiting<//></th>
        <th scope="col" class="n"><${FigureName} of="oldest">oldest<//></th>
      </tr>
    </thead>
    <tbody>
      ${lanes.map((lane) => {
        const look = looks.get(lane.owner ?? "") ?? 0;
        return html`<${LaneRow} key=${lane.partition} lane=${lane} look=${look} frame=${frame} />`;
      })}
    </tbody>
  </table>`;
}

/** @param {{ lane: Lane, look: number, frame: Frame }} props */
function LaneRow({ lane, look, frame }) {
  const { partition, owner, committed, end, waiting, oldest_at } = lane;
  const number = ui.isWall
    ? partition
    : html`<button type="button" data-partition=${partition} aria-label="Partition ${partition}: its tasks"
        aria-expanded=${ui.inspected === partition} aria-controls="inspector">${partition}</button>`;
  return html`<tr class=${owner === undefined ? "orphan" : ""}>
    <th scope="row">${number}</th>
    <td class="owner"><${Owner} lane=${lane} look=${look} now=${frame.now} /></td>
    <td class="track" data-lane=${partition}><${Track} lane=${lane} look=${look} frame=${frame} /></td>
    <td class="n offset">${count(committed)}</td>
    <td class="n offset">${count(end)}</td>
    <td class="n wait ${waiting > 0 ? "some" : ""}">${count(waiting)}</td>
    <td class="n age">${oldest_at === undefined ? "" : duration(frame.now - oldest_at)}</td>
  </tr>`;
}

/** @param {{ lane: Lane, look: number, now: number }} props */
function Owner({ lane: { owner, unowned_since }, look, now }) {
  if (owner !== undefined) return html`<${Mark} look=${look} /> <span>${shown(owner)}</span>`;
  return unowned_since === undefined ? "nobody" : `nobody for ${duration(now - unowned_since)}`;
}

/** The width of an element in rem, followed. */
function useWidth() {
  const ref = useRef(/** @type {HTMLElement | null} */ (null));
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      setWidth(element.clientWidth / rem);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return /** @type {const} */ ([ref, width]);
}
