/** Runs in a worker thread: burn, then predict. A thread has its own memory, so the model is sent to it. */
import { workerData } from "node:worker_threads";
import { burn } from "./burn.ts";
import { createClassifier } from "./classifier.ts";
import type { Measurements, Prediction } from "./iris.ts";
import type { Model } from "./model_file.ts";

const classifier = createClassifier(workerData as Model);

/** Piscina's entry point: one inference that keeps its thread busy for `inferenceTime` seconds. */
export default function infer(task: { measurements: Measurements; inferenceTime: number }): Prediction {
  burn(task.inferenceTime);
  return classifier.predict(task.measurements);
}
