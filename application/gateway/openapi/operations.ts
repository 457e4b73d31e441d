/** Every operation of the gateway. The order is that of the document. */
import { OPERATIONS as DEAD_LETTERS } from "../dead_letters/dead_letters_operations.ts";
import { OPERATIONS as RESULTS } from "../results/results_operations.ts";
import { OPERATIONS as DESCRIPTION } from "./openapi_operations.ts";
import type { Operation } from "./operation.ts";

export const OPERATIONS: readonly Operation[] = [...RESULTS, ...DEAD_LETTERS, ...DESCRIPTION];
