/** Fills a database as stage 4 does: its client queues, its worker answers, its persister stores. */
import type { Measurements } from "../../common/iris.ts";
import { ANSWERED, storedUpTo } from "../harness/lines.ts";
import type { ProgramUnderTest } from "./program_under_test.ts";
import { toLine } from "./random_iris.ts";
import { assertThat } from "./requirement.ts";

/** Stores the results of these irises in the file `db`. Throws Unsatisfied when one of the programs fails. */
export async function queueAndStore(
  { run, start }: ProgramUnderTest,
  env: Record<string, string>,
  db: string,
  irises: readonly Measurements[],
): Promise<void> {
  const input = irises.map((iris) => `${toLine(iris)}\n`).join("");
  const last = irises.length - 1;
  const queued = await run("4_message_queue/client.ts", [], { env, input });
  const isQueued = queued.stdout.includes(`Queued: partition 0, offset ${last}\n`);
  assertThat(isQueued, queued, `Queued: partition 0, offset ${last}`);

  const worker = start("4_message_queue/worker.ts", [], { env });
  const isLast = (text: string) => ANSWERED.exec(text)?.[2] === String(last);
  const answered = `Answered partition 0, offset ${last}`;
  await worker.until(worker.program.waitForLine(isLast, answered), answered);
  await worker.stop();

  const persister = start("4_message_queue/persister.ts", ["--db", db], { env });
  await persister.until(persister.program.waitFor(storedUpTo(last)), `Stored ..., up to offset ${last}`);
  await persister.stop();
}
