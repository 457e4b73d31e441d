/** Stage 5's persister is stage 4's, on the same group and the same database. See common/persister.ts. */
import { runPersister } from "../common/persister.ts";

await runPersister("5_task_queue/persister.ts");
