/** Every operation of the gateway. The order is that of the document. */

import { letterSchema } from "../../dead_letters/letter.ts";
import { OPERATIONS as BOARD } from "../board_operations.ts";
import { OPERATIONS as CONTROLS } from "../controls/controls_operations.ts";
import { OPERATIONS as DEAD_LETTERS } from "../dead_letters/dead_letters_operations.ts";
import { OPERATIONS as FIGURES } from "../figures/figures_operations.ts";
import { figuresSchema } from "../figures/figures_schema.ts";
import { OPERATIONS as HEALTH } from "../health_operations.ts";
import { OPERATIONS as EVENTS } from "../live/event_operations.ts";
import { OPERATIONS as QUEUE } from "../queue/queue_operations.ts";
import { queueSchema } from "../queue/queue_schema.ts";
import { OPERATIONS as RESULTS } from "../results/results_operations.ts";
import { resultSchema } from "../results/shape.ts";
import { OPERATIONS as ELAB } from "../tasks/elab_operations.ts";
import { OPERATIONS as POST } from "../tasks/post_operations.ts";
import { OPERATIONS as TASKS } from "../tasks/task_operations.ts";
import { taskSchema } from "../tasks/task_schemas.ts";
import type { NamedSchemas } from "./document.ts";
import { OPERATIONS as DESCRIPTION } from "./openapi_operations.ts";
import type { Operation } from "./operation.ts";

export const OPERATIONS: readonly Operation[] = [
  ...POST,
  ...TASKS,
  ...RESULTS,
  ...QUEUE,
  ...EVENTS,
  ...FIGURES,
  ...DEAD_LETTERS,
  ...ELAB,
  ...HEALTH,
  ...DESCRIPTION,
  ...BOARD,
  ...CONTROLS,
];

/** What the document gives a name. */
export const SCHEMAS: NamedSchemas = {
  Task: taskSchema,
  Result: resultSchema,
  DeadLetter: letterSchema,
  Queue: queueSchema,
  Figures: figuresSchema,
};
