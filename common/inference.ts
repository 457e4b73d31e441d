/** Inference with a simulated cost. The real model answers in microseconds, so nothing would ever queue. */
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, Option, type OptionValues } from "@commander-js/extra-typings";
import { burn } from "./burn.ts";
import type { Classifier } from "./classifier.ts";
import { seconds, wholeNumber } from "./cli.ts";
import type { Measurements, Prediction } from "./iris.ts";
import type { Model } from "./model_file.ts";
import { modelOption } from "./model_option.ts";

/** Answers at once when no cost is simulated, else later. An aborted signal ends the wait and the work. */
export type Infer = (measurements: Measurements, signal?: AbortSignal) => Prediction | Promise<Prediction>;

/** Adds --model, --inference-time, --cpu-bound and --threads (by default one for each core). */
export function addInferenceOptions<Args extends unknown[], Options extends OptionValues>(
  program: Command<Args, Options>,
  { threads = availableParallelism() } = {},
) {
  return program
    .addOption(modelOption())
    .addOption(
      new Option("--inference-time <s>", "make one inference take this many seconds (it sleeps)")
        .argParser(seconds(0, 3600))
        .default<number>(0)
        .env("INFERENCE_TIME"),
    )
    .addOption(
      new Option("--cpu-bound", "burn a core for as long, instead of sleeping")
        .default<boolean>(false)
        .env("CPU_BOUND"),
    )
    .addOption(
      new Option("--threads <n>", "threads for inference that burns a core; 0: burn on the event loop")
        .argParser(wholeNumber(0, 256))
        .default(threads)
        .env("THREADS"),
    );
}

/** inferenceTime in seconds; cpuBound: it burns a core in place of sleeping; threads: 0 is the event loop. */
export type InferenceOptions = ReturnType<
  ReturnType<typeof addInferenceOptions<[], Record<never, never>>>["opts"]
>;

const ANY_IRIS: Measurements = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };

/** Chooses how to infer, and starts the threads where some are needed. */
export async function createInference(
  classifier: Classifier,
  { inferenceTime, cpuBound, threads }: InferenceOptions,
): Promise<{ infer: Infer; close: () => Promise<void> }> {
  const nothingToClose = async () => {};
  if (inferenceTime === 0) {
    // To send it to a thread and back would take longer than the work itself (a few microseconds).
    return { infer: classifier.predict, close: nothingToClose };
  }
  if (!cpuBound) {
    const infer: Infer = async (measurements, signal) => {
      await sleep(inferenceTime * 1000, undefined, signal === undefined ? {} : { signal });
      return classifier.predict(measurements);
    };
    return { infer, close: nothingToClose };
  }
  if (threads === 0) {
    const infer: Infer = (measurements) => {
      burn(inferenceTime);
      return classifier.predict(measurements);
    };
    return { infer, close: nothingToClose };
  }
  const { Piscina } = await import("piscina");
  const pool = new Piscina({
    filename: new URL("./inference_thread.ts", import.meta.url).href,
    // The model itself, not its file: the file may hold another model by now.
    workerData: { card: classifier.card, trees: classifier.trees } satisfies Model,
    minThreads: threads,
    maxThreads: threads,
  });
  const infer: Infer = (measurements, signal) =>
    pool.run({ measurements, inferenceTime }, signal === undefined ? {} : { signal });
  // One quick task for each thread, so that the first client does not wait until the threads have started.
  await Promise.all(
    Array.from({ length: threads }, () => pool.run({ measurements: ANY_IRIS, inferenceTime: 0 })),
  );
  return { infer, close: () => pool.close() };
}
