/**
 * What the two asking programs share (asker.ts, and ../peers/kafkajs_asker.ts): they ask as their arguments say,
 * `<how often> <how many at once>`, and print the milliseconds of each time, until its last answer, as JSON.
 */
import type { Measurements } from "../../../common/iris.ts";
import { sampleMeasurements } from "../../../common/samples.ts";

/** Resolves when all are answered. */
export type AskAll = (questions: readonly Measurements[]) => Promise<void>;

export async function askAsTold(askAll: AskAll): Promise<void> {
  const [times = 1, atOnce = 1] = process.argv.slice(2).map(Number);
  const questions = sampleMeasurements(atOnce);
  // Warm: connections, compiled code, every worker's consumer waiting.
  const warmUps = atOnce === 1 ? 200 : 1;
  const milliseconds: number[] = [];
  for (let time = -warmUps; time < times; time += 1) {
    const start = performance.now();
    await askAll(time < 0 ? questions.slice(0, 12) : questions);
    if (time >= 0) milliseconds.push(performance.now() - start);
  }
  console.log(JSON.stringify(milliseconds));
}
