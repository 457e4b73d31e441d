/**
 * An iris as it was measured: three sepals that hang, three petals that stand, each as long and as wide as
 * the numbers say.
 * @import { Flower } from "../parts/flowers.js"
 * @import { Species } from "../../../common/iris.ts"
 */
import { html } from "../parts/html.js";

/** A flower of 8 cm fills the drawing. */
const SCALE = 100 / 8;
const TURNS = [0, 120, 240];

/** @param {{ flower: Partial<Flower>, species: Species | undefined }} props */
export function IrisDrawing({ flower, species }) {
  const { sepal_length = 0, sepal_width = 0, petal_length = 0, petal_width = 0 } = flower;
  const leaf = (/** @type {number} */ turn, /** @type {number} */ length, /** @type {number} */ width) =>
    html`<path d=${outline(length * SCALE, width * SCALE)} transform="rotate(${turn})" />`;
  return html`<svg class="iris" viewBox="-105 -95 210 205" aria-hidden="true">
    <g class="sepals">${TURNS.map((turn) => leaf(turn + 180, sepal_length, sepal_width))}</g>
    <g class="petals ${species ?? ""}">${TURNS.map((turn) => leaf(turn, petal_length, petal_width))}</g>
    <path class="scale" d="M-100 96v8m0-4h${SCALE}m0-4v8" />
    <text x=${-94 + SCALE} y="104">1 cm</text>
  </svg>`;
}

/**
 * A leaf that points up from the middle, widest above its half.
 * @param {number} length @param {number} width
 */
function outline(length, width) {
  const [tall, half] = [clamp(length), clamp(width) / 2];
  const [low, high] = [-tall * 0.25, -tall * 0.95];
  const [out, top] = [half * 1.33, -tall];
  return `M0 0C${out} ${low} ${out} ${high} 0 ${top}C${-out} ${high} ${-out} ${low} 0 0z`;
}

/** @param {number} pixels */
const clamp = (pixels) => (Number.isFinite(pixels) ? Math.min(100, Math.max(0, pixels)) : 0);
