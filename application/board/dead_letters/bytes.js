/**
 * The bytes of a dead letter as text, or in hexadecimal, 16 a line.
 * @import { LetterJson } from "../../dead_letters/letter.ts"
 */

/** @param {LetterJson} letter */
export function bytesOf({ value }) {
  if (value === undefined) return "";
  const rest = value.is_cut ? "\n..." : "";
  if (value.text !== undefined) return value.text + rest;
  const pairs = value.hex?.match(/../g) ?? [];
  const lines = [];
  for (let at = 0; at < pairs.length; at += 16) lines.push(pairs.slice(at, at + 16).join(" "));
  return lines.join("\n") + rest;
}

/**
 * What an edit begins with: the letter itself if it has the form of a task, so that a value can be put right.
 * @param {LetterJson} letter
 */
export function toEdit({ value }) {
  const text = value?.is_cut ? "" : (value?.text ?? "");
  return typeof toBody(text) === "object" ? text : "";
}

/**
 * What was edited, as a body for the gateway: JSON if it is an object, else a line as at the prompt.
 * @param {string} text
 * @returns {unknown}
 */
export function toBody(text) {
  try {
    const json = JSON.parse(text);
    if (typeof json !== "object" || json === null) return text;
    // Stage 5's form of a task: the replay gets an id of its own.
    return "X" in json ? json.X : json;
  } catch {
    return text;
  }
}
