/** The body of POST /tasks: one task, or a list of them. */
import * as v from "valibot";
import { InputError } from "../../../common/errors.ts";
import { type Measurements, measurementsSchema, parseMeasurements, show } from "../../../common/iris.ts";
import { invalidInput, Problem } from "../http/problem.ts";

export const MOST_TASKS = 10_000;

/**
 * For the document; parseTaskBody() reads with the same schema of the measurements, and says what was wrong.
 */
export const taskBodySchema = v.union([
  measurementsSchema,
  v.pipe(v.array(measurementsSchema), v.minLength(1), v.maxLength(MOST_TASKS)),
]);

export interface TaskBody {
  isList: boolean;
  flowers: Measurements[];
}

/** Throws Problem: one bad element refuses the whole list, and is named by its index. */
export function parseTaskBody(body: unknown): TaskBody {
  if (!Array.isArray(body)) return { isList: false, flowers: [parseOne(body)] };
  if (body.length === 0 || body.length > MOST_TASKS) {
    const expected = `1 to ${MOST_TASKS.toLocaleString("en")} tasks`;
    const error = new InputError("the list", expected, `${body.length.toLocaleString("en")} tasks`);
    if (body.length === 0) throw invalidInput(error);
    const { field, got, message } = error;
    throw new Problem("too-large", `${message}: send them in several requests`, {
      extra: { field, expected, got },
    });
  }
  return { isList: true, flowers: body.map((element, index) => parseOne(element, index)) };
}

function parseOne(value: unknown, index?: number): Measurements {
  const parsed = parseMeasurements(value);
  if (parsed.ok) return parsed.value;
  if (value === undefined) {
    throw invalidInput(new InputError("the body", "four measurements, or a list of them", show(value)));
  }
  throw invalidInput(parsed.error, index);
}
