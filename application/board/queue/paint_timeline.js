/**
 * Paints the time line.
 * @import { Line, Rect, Row } from "./timeline_layout.js"
 */
import { shortId } from "../parts/format.js";
import { COLOURS, isSpecies, ON_COLOUR, SPECIES } from "../parts/species.js";
import { placeWords } from "./timeline_layout.js";

/**
 * @param {HTMLCanvasElement} canvas
 * @param {readonly Row[]} rows
 * @param {readonly Line[]} lines
 */
export function paint(canvas, rows, lines) {
  const context = canvas.getContext("2d");
  const { clientWidth, clientHeight } = canvas;
  if (context === null || clientWidth === 0) return;
  const sharp = devicePixelRatio;
  const [width, height] = [Math.round(clientWidth * sharp), Math.round(clientHeight * sharp)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  context.setTransform(sharp, 0, 0, sharp, 0, 0);
  context.clearRect(0, 0, clientWidth, clientHeight);
  new Painter(context, readTheme(canvas), clientWidth, rows.length).paint(rows, lines);
}

class Painter {
  /**
   * @param {CanvasRenderingContext2D} context @param {Theme} theme
   * @param {number} width @param {number} rows
   */
  constructor(context, theme, width, rows) {
    this.context = context;
    this.theme = theme;
    this.width = width;
    this.bottom = theme.head + rows * theme.row;
    context.font = `${theme.size}px ${theme.font}`;
    context.textBaseline = "middle";
  }

  /** @param {readonly Row[]} rows @param {readonly Line[]} lines */
  paint(rows, lines) {
    const { context, theme, bottom } = this;
    this.paintAxis();
    for (const line of lines) this.paintWait(line);
    for (const [index, { rects }] of rows.entries()) {
      for (const rect of rects) this.paintTask(rect, theme.head + index * theme.row);
    }
    context.fillStyle = theme.ink;
    for (const { x } of lines) context.fillRect(Math.round(x), theme.head, 1.5, bottom - theme.head);
    this.paintWords(lines);
  }

  paintAxis() {
    const { context, theme, width, bottom } = this;
    for (let seconds = 60; seconds >= 0; seconds -= width < 30 * theme.size ? 20 : 10) {
      const x = width * (1 - seconds / 60);
      context.fillStyle = theme.line;
      context.fillRect(Math.min(width - 1, Math.round(x)), theme.head, 1, bottom - theme.head);
      context.fillStyle = theme.soft;
      context.textAlign = seconds === 60 ? "left" : seconds === 0 ? "right" : "center";
      const words = seconds === 60 ? "60 s ago" : seconds === 0 ? "now" : `${seconds}`;
      context.fillText(words, x, bottom + theme.foot / 2);
    }
    context.textAlign = "left";
  }

  /** Hatched while partitions had no owner. @param {Line} line */
  paintWait({ x, until }) {
    const { context, theme, bottom } = this;
    const tall = bottom - theme.head;
    if (until - Math.max(0, x) < 2) return;
    context.save();
    context.beginPath();
    context.rect(Math.max(0, x), theme.head, until - Math.max(0, x), tall);
    context.clip();
    context.strokeStyle = theme.mid;
    context.globalAlpha = 0.4;
    context.beginPath();
    for (let at = x - tall; at < until; at += 7) {
      context.moveTo(at, bottom);
      context.lineTo(at + tall, theme.head);
    }
    context.stroke();
    context.restore();
  }

  /** @param {Rect} rect @param {number} top Of its row. */
  paintTask({ x, width, outcome, id }, top) {
    const { context, theme } = this;
    const [y, tall] = [top + 2, theme.row - 4];
    // A gap between neighbours, where there is room for one.
    const wide = width > 4 ? width - 1 : width;
    const stripes = isSpecies(outcome) ? SPECIES.indexOf(outcome) : 0;
    if (isSpecies(outcome)) {
      context.fillStyle = COLOURS[outcome];
      context.fillRect(x, y, wide, tall);
      context.fillStyle = theme.paper;
      for (let stripe = 1; stripe <= stripes; stripe += 1) {
        context.fillRect(x, Math.round(y + tall - stripe * 4), wide, 1.5);
      }
    } else if (outcome === "running") {
      context.fillStyle = theme.running;
      context.fillRect(x, y, wide, tall);
    } else {
      context.strokeStyle = outcome === "FAILED" ? theme.trouble : theme.mid;
      context.lineWidth = 1.5;
      context.strokeRect(x + 0.75, y + 0.75, Math.max(1, wide - 1.5), tall - 1.5);
    }
    if (wide < theme.size * 2.8) return;
    context.fillStyle = isSpecies(outcome) ? ON_COLOUR[outcome] : theme.ink;
    context.fillText(shortId(id), x + 4, y + tall / 2 - stripes);
  }

  /** @param {readonly Line[]} lines */
  paintWords(lines) {
    const { context, theme, width } = this;
    const tall = theme.size * 1.15;
    const measure = (/** @type {string} */ words) => context.measureText(words).width;
    const placed = placeWords(lines, measure, width, Math.floor(theme.head / tall));
    context.fillStyle = theme.ink;
    // A line reaches up to its words, behind those of others.
    for (const { row, line } of placed)
      context.fillRect(Math.round(line), tall * row, 1.5, theme.head - tall * row);
    for (const { x, row, words, wide } of placed) {
      context.fillStyle = theme.paper;
      context.fillRect(x - 2, tall * row + 1, wide + 4, tall - 1);
      context.fillStyle = theme.ink;
      context.fillText(words, x, tall * (row + 0.5));
    }
  }
}

/**
 * The colours of the page's theme, and the measures of timeline.css in pixels.
 * @param {HTMLCanvasElement} canvas
 */
function readTheme(canvas) {
  const style = getComputedStyle(canvas);
  const size = Number.parseFloat(style.fontSize);
  const value = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const pixels = (/** @type {string} */ name) => Number.parseFloat(value(name)) * size;
  return {
    ink: style.color,
    font: style.fontFamily,
    size,
    paper: value("--paper"),
    soft: value("--soft"),
    line: value("--line"),
    mid: value("--mid"),
    running: value("--running"),
    trouble: value("--trouble"),
    head: pixels("--head"),
    row: pixels("--row"),
    foot: pixels("--foot"),
  };
}
/** @typedef {ReturnType<typeof readTheme>} Theme */
