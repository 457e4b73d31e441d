/** Clients of a gateway that may be killed at any moment: they ask again, and check what they are told. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Measurements } from "../../common/iris.ts";
import { sampleMeasurements } from "../../common/samples.ts";

export interface TaskAnswer {
  task_id: string;
  status: "PENDING" | "STARTED" | "SUCCESS" | "FAILED" | "CANCELLED";
  species?: string;
  error?: { code: string; message: string };
}

/** A status that does not change any more. */
export const isFinal = ({ status }: TaskAnswer) => ["SUCCESS", "FAILED", "CANCELLED"].includes(status);

/**
 * Asks one of the gateways, and the next one when it does not answer, until one does. What was sent may have
 * arrived all the same.
 */
async function askAny(urls: readonly string[], path: string, init?: RequestInit): Promise<Response> {
  for (let turn = 0; ; turn += 1) {
    const url = urls[turn % urls.length];
    const response = await fetch(`${url}${path}`, init).catch(() => undefined);
    if (response !== undefined && response.status !== 503) return response;
    await response?.arrayBuffer();
    await sleep(50);
  }
}

/**
 * Posts so many tasks, some at a time; the id of each 202. `onAccepted` is told how many there are, and the
 * last one's id.
 */
export async function postAll(
  urls: readonly string[],
  count: number,
  { lanes = 8, onAccepted = async (_count: number, _id: string) => {} } = {},
): Promise<string[]> {
  const flowers = sampleMeasurements(count);
  const ids: string[] = [];
  const lane = async () => {
    for (let X = flowers.pop(); X !== undefined; X = flowers.pop()) {
      const id = await postOne(urls, X);
      await onAccepted(ids.push(id), id);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return ids;
}

/** Throws when the answer is neither 202 nor 503. */
async function postOne(urls: readonly string[], X: Measurements): Promise<string> {
  const headers = { "Content-Type": "application/json" };
  const response = await askAny(urls, "/tasks", { method: "POST", headers, body: JSON.stringify(X) });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`POST /tasks: ${response.status} ${text}`);
  return (JSON.parse(text) as TaskAnswer).task_id;
}

/** Polls a task until its status is final. Throws when an id that was given is not known. */
export async function untilFinal(urls: readonly string[], id: string): Promise<TaskAnswer> {
  for (;;) {
    const response = await askAny(urls, `/tasks/${id}`);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`GET /tasks/${id}: ${response.status} ${text}`);
    const task = JSON.parse(text) as TaskAnswer;
    if (isFinal(task)) return task;
    await sleep(50);
  }
}
