/** A figure's name: choose it, and the foot of the page tells where the figure comes from. */
import { html } from "./html.js";
import { ui } from "./ui.js";

/** @param {{ of: string, children?: unknown }} props `of`: the key of its source. */
export function FigureName({ of, children }) {
  if (ui.isWall) return html`<span class="name">${children}</span>`;
  const isOpen = ui.inspected === of;
  return html`<button
    type="button" class="name" data-source=${of} aria-expanded=${isOpen} aria-controls="inspector"
  >${children}</button>`;
}
