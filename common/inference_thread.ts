/** What runs in a worker thread: burn, then predict. A thread has a memory of its own, so it loads the model too. */
import { loadClassifier } from "./classifier.ts";
import type { Measurements, Prediction } from "./iris.ts";

const classifier = loadClassifier();

/** Piscina's entry point: one inference that keeps its thread busy for `inferenceTime` seconds. */
export default function infer(task: { measurements: Measurements; inferenceTime: number }): Prediction {
  burn(task.inferenceTime);
  return classifier.predict(task.measurements);
}

/** Keeps the thread that calls it busy, its event loop included. */
export function burn(seconds: number): void {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end);
}
