/** How numbers, times and names are written, the same in every view. */

const whole = new Intl.NumberFormat("en");
/** @param {number} number */
export const count = (number) => whole.format(number);

/**
 * Always one decimal up to 100, so that a figure that changes keeps its width.
 * @param {number} perSecond
 */
export const rate = (perSecond) => (perSecond < 99.95 ? perSecond.toFixed(1) : count(Math.round(perSecond)));

/**
 * "0.6 s", "42 s", "3 min 5 s", "2 h 4 min": two figures are enough for an age.
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/**
 * As the terminals print it: "1,009 ms".
 * @param {number} milliseconds
 */
export const exact = (milliseconds) => `${count(Math.round(milliseconds))} ms`;

/**
 * The time of day with its thousandths, as a log has it.
 * @param {number | string} time
 */
export function clock(time) {
  const date = new Date(time);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const thousandths = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${thousandths}`;
}

/**
 * The first four characters, as in the terminals; a task without an id is named by its place: "3@17".
 * @param {string} id
 */
export const shortId = (id) => (id.includes("@") ? id : shown(id.slice(0, 4)));

/** Control characters, and characters that change the direction of writing. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * A text from outside: what could change how the rest of the page reads becomes visible.
 * @param {string} text
 */
export const shown = (text) =>
  text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** So many characters of a name have room beside a lane. */
const LONGEST_NAME = 14;

/**
 * A worker's name without its middle, where it is long: host names begin alike, and process ids stand at the
 * end.
 * @param {string} name
 */
export function shortName(name) {
  const text = shown(name);
  if (text.length <= LONGEST_NAME) return text;
  const tail = Math.floor((LONGEST_NAME - 1) / 2);
  return `${text.slice(0, LONGEST_NAME - 1 - tail)}…${text.slice(-tail)}`;
}

/**
 * "1 task", "2 tasks".
 * @param {number} number @param {string} noun
 */
export const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/**
 * "partition 3", "partitions 0, 3, 6, 9"; many are counted.
 * @param {readonly number[]} partitions
 */
export function listed(partitions) {
  if (partitions.length > 6) return plural(partitions.length, "partition");
  return `partition${partitions.length === 1 ? "" : "s"} ${partitions.join(", ")}`;
}
