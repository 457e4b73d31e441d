/** Stage 4's persister: results that nobody waits for are kept in SQLite. See common/persister.ts. */
import { runPersister } from "../common/persister.ts";

await runPersister("4_message_queue/persister.ts");
