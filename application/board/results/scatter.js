/**
 * Petal length against petal width, in the colour and the shape of the predicted species, as in the notebook.
 * @import { ResultJson } from "../../gateway/results/shape.ts"
 */
import { plural } from "../parts/format.js";
import { html } from "../parts/html.js";
import { SPECIES } from "../parts/species.js";
import { place, spread } from "./scatter_layout.js";

const WIDTH = 460;
const HEIGHT = 260;
const LEFT = 42;
const ABOVE = 8;
const BELOW = 36;

/** Discs, triangles and squares of one size to the eye. */
const SHAPES = {
  setosa: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
  versicolor: "M0-5 4.8 3.7H-4.8z",
  virginica: "M-3.6-3.6h7.2v7.2h-7.2z",
};

/** @param {{ results: readonly ResultJson[] }} props */
export function Scatter({ results }) {
  const words =
    `Petal length against petal width of ${plural(results.length, "result")}, by species. ` +
    "The table below has the same.";
  return html`<figure class="scatter">
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${words}>
      <g transform="translate(${LEFT} ${ABOVE})">
        <${Grid} />
        ${spread(results).map((mark) => html`<${Mark} ...${mark} />`)}
      </g>
    </svg>
    <figcaption>
      ${SPECIES.map(
        (name) => html`<span>
          <svg viewBox="-6 -6 12 12" aria-hidden="true"><path class=${name} d=${SHAPES[name]} /></svg> ${name}
        </span>`,
      )}
    </figcaption>
  </figure>`;
}

function Grid() {
  const widths = [0, 1, 2, 3].map((width) => {
    const y = yOf(width);
    return html`<path class="grid" d="M0 ${y}H${RIGHT}" />
      <text x="-8" y=${y + 4} text-anchor="end">${width}</text>`;
  });
  const lengths = [0, 1, 2, 3, 4, 5, 6, 7].map((length) => {
    const x = xOf(length);
    return html`<path class="grid" d="M${x} 0V${DOWN}" />
      <text x=${x} y=${DOWN + 16} text-anchor="middle">${length}</text>`;
  });
  return html`${widths}${lengths}
    <text x=${RIGHT / 2} y=${DOWN + 32} text-anchor="middle">Petal length, cm</text>
    <text transform="translate(-28 ${DOWN / 2}) rotate(-90)" text-anchor="middle">Petal width, cm</text>`;
}

/** @param {{ length: number, width: number, species: keyof typeof SHAPES, many: number }} props */
function Mark({ length, width, species, many }) {
  return html`<path
    class=${species} d=${SHAPES[species]} transform="translate(${xOf(length)} ${yOf(width)})"
    fill-opacity=${Math.min(1, 0.6 + many * 0.1)}
  />`;
}

const [RIGHT, DOWN] = [WIDTH - LEFT - 12, HEIGHT - BELOW - ABOVE];
/** @param {number} length */
const xOf = (length) => place(length, 0, 7.5) * RIGHT;
/** @param {number} width */
const yOf = (width) => (1 - place(width, 0, 3)) * DOWN;
