/**
 * The application's persister: the stages', with one rule more. The first record for a task decides, in the
 * order of `results`: an answer that comes after the task was cancelled is not stored.
 */
import { runPersister } from "../common/persister.ts";
import { openApplicationKafka } from "./open_kafka.ts";
import { endWithApplication, tellReady } from "./supervised.ts";

endWithApplication(process.env);
await runPersister("application/persister.ts", {
  isFirstFinal: true,
  open: openApplicationKafka,
  onReading: tellReady,
});
