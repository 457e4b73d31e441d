/** Records that are no messages: marks of transactions, and what was taken back. */
import type { Consumer } from "kafkajs";

/**
 * Commits that the group is behind them. kafkajs goes on behind them by itself, but leaves the commit to the
 * next message: until then the group would seem to have something to do.
 */
export function commitPassed(
  consumer: Consumer,
  { topic, partition, lastOffset }: { topic: string; partition: number; lastOffset: string },
): void {
  const offset = String(BigInt(lastOffset) + 1n);
  // One that fails comes again with the next message, or when the partition's next owner reads them.
  consumer.commitOffsets([{ topic, partition, offset }]).catch(() => {});
}
