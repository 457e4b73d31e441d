/** Many tasks at once: so many at a time as memory should hold, each awaited until Kafka has it. */
import { plural } from "../common/plural.ts";
import { progressBar } from "../common/progress.ts";
import { sampleMeasurements } from "../common/samples.ts";

const AT_ONCE = 5000;

/** Queues flowers of the data set, then says where the first went in each partition. */
export async function queueSamples(
  count: number,
  send: (messages: { value: string }[]) => Promise<{ partition: number; offset: string }[]>,
): Promise<void> {
  const bar = progressBar(count, "queued");
  const first = new Map<number, string>();
  for (let sent = 0; sent < count; sent += AT_ONCE) {
    const flowers = sampleMeasurements(Math.min(AT_ONCE, count - sent), sent);
    const places = await send(flowers.map((flower) => ({ value: JSON.stringify(flower) })));
    for (const { partition, offset } of places) {
      if (!first.has(partition)) first.set(partition, offset);
    }
    bar.add(places.length);
  }
  bar.stop();
  for (const [partition, offset] of [...first].sort(([a], [b]) => a - b)) {
    console.log(`Queued: partition ${partition}, from offset ${offset}`);
  }
  console.log(`${plural(count, "task")} queued`);
}
