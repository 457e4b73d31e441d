/** Flowers as stage 5's tasks, each with an id of its own, and what becomes of them. */
import { randomUUID } from "node:crypto";
import { sampleMeasurements } from "../../../common/samples.ts";
import type { StoredMessage } from "./corner.ts";

export interface Question {
  task_id: string;
  /** As it goes to `tasks`. */
  value: string;
}

export function makeQuestions(count: number): Question[] {
  return sampleMeasurements(count).map((X) => {
    const task_id = randomUUID();
    return { task_id, value: JSON.stringify({ task_id, X }) };
  });
}

/** Tasks a second, from the first result to the last. Throws when a task has no result, or has two. */
export function rateOf(results: readonly StoredMessage[], questions: readonly Question[]): number {
  const answered = new Set(results.map(({ value }) => JSON.parse(value).task_id));
  const lost = questions.filter(({ task_id }) => !answered.has(task_id)).length;
  const doubled = results.length - answered.size;
  if (lost + doubled > 0) throw new Error(`${lost} tasks were lost, ${doubled} were answered twice`);
  const times = results.map(({ sentAt }) => sentAt);
  const first = times.reduce((a, b) => Math.min(a, b));
  const last = times.reduce((a, b) => Math.max(a, b));
  return (results.length / (last - first)) * 1000;
}
