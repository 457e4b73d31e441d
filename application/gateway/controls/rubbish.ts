/** Messages that no worker can read, each for another reason: they become dead letters. */
import { randomUUID } from "node:crypto";

const KINDS: (() => string)[] = [
  () => "rubbish",
  () => '{"sepal_length":6,"sepal_width":3,',
  () => JSON.stringify({ sepal_length: 6, sepal_width: 3, petal_length: "four", petal_width: 1 }),
  () => JSON.stringify({ sepal_length: 6, sepal_width: 3, petal_length: 400, petal_width: 1 }),
  // One with an id: whoever asked is told that it has failed.
  () => JSON.stringify({ task_id: randomUUID(), X: { sepal_length: 6, sepal_width: 3, petal_length: 4 } }),
];

/** One of them. */
export function randomRubbish(): string {
  return KINDS[Math.floor(Math.random() * KINDS.length)]?.() ?? "";
}
