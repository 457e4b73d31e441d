/**
 * Deletes what demonstrations, verifications and benchmarks that crashed have left on this machine and in its
 * Kafka.
 */
import { ProgramError } from "../../common/errors.ts";
import { connectKafka } from "../../common/kafka/client.ts";
import { readKafkaSettings } from "../../common/kafka/settings.ts";
import { sweepFolders, sweepLeftovers } from "../harness/leftovers.ts";

/** Returns a line for each thing that was deleted, or one that says that there was nothing. */
export async function sweepAll(): Promise<string[]> {
  const lines: string[] = [];
  const tell = (deleted: string[]) => lines.push(...deleted.map((what) => `Deleted: ${what}`));
  try {
    const kafka = await connectKafka(readKafkaSettings(process.env), `doctor:${process.pid}`);
    tell(await sweepLeftovers(kafka));
    await kafka.close();
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    tell(await sweepFolders());
    lines.push(`Topics and groups were not looked for. ${error.message}`);
  }
  return lines.length === 0 ? ["Nothing was left behind."] : lines;
}
