/**
 * What stands in the four fields, as the gateway and the drawing take it.
 * @import { Flower } from "../parts/flowers.js"
 */
import { FIELDS } from "../parts/flowers.js";

/** @typedef {(typeof FIELDS)[number]} Field */
/** @typedef {Record<Field, string>} Typed As it stands in the fields. */

/** @param {string} text */
const isNumber = (text) => text.trim() !== "" && Number.isFinite(Number(text));

/** @param {string} field */
export const labelOf = (field) => field.replace("_", " ");

/** What is no number goes as it was typed: the gateway says what it expects. @param {Typed} typed */
export const toBody = (typed) =>
  Object.fromEntries(
    FIELDS.map((field) => [field, isNumber(typed[field]) ? Number(typed[field]) : typed[field]]),
  );

/**
 * For the drawing: while something is typed that is no length, the last one stays.
 * @param {Typed} typed @param {Partial<Flower>} before
 * @returns {Partial<Flower>}
 */
export function drawable(typed, before) {
  const entries = FIELDS.map((field) => {
    const isLength = isNumber(typed[field]) && Number(typed[field]) > 0;
    return [field, isLength ? Number(typed[field]) : before[field]];
  });
  return Object.fromEntries(entries);
}

/**
 * The gateway's sentence, with the field as it is called on the page.
 * @param {string} message @param {unknown} field @param {Typed} typed What was refused.
 */
export function refusalInWords(message, field, typed) {
  const name = FIELDS.find((one) => one === field);
  if (name === undefined) return message;
  const text = typed[name].trim();
  if (/^\d*,\d+$/.test(text))
    return `Expected ${labelOf(name)} with a point: use ${text.replace(",", ".")}, got ${text}`;
  return message.replaceAll(name, labelOf(name));
}
