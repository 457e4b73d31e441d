/** The dead letters, as the document describes them: a list, one of them, and its replay. */
import * as v from "valibot";
import { measurementsSchema } from "../../../common/iris.ts";
import { letterSchema } from "../../dead_letters/letter.ts";
import { oneOf, text, wholeNumber } from "../http/parameters.ts";
import { type Operation, problemAnswer } from "../openapi/operation.ts";

export const listQuery = v.strictObject({
  limit: v.pipe(v.optional(wholeNumber(1, 100), "20"), v.description("How many letters at most.")),
  before: v.exactOptional(
    v.pipe(text("the `next` of an earlier answer", 60), v.description("Goes on behind that answer.")),
  ),
});
export const placeParams = v.strictObject({
  partition: v.pipe(wholeNumber(0, 1e6), v.description("Of tasks-dlt.")),
  offset: v.pipe(wholeNumber(0), v.description("Of tasks-dlt.")),
});
export const replayQuery = v.strictObject({
  again: v.pipe(
    v.optional(oneOf(["true", "false"]), "false"),
    v.description("Replay it though it has been replayed."),
  ),
});

export const letterListSchema = v.object({
  dead_letters: v.array(letterSchema),
  next: v.exactOptional(v.pipe(v.string(), v.description("For `before`; missing on the last page."))),
  total: v.pipe(v.number(), v.description("How many there are, on whatever page.")),
});
export const replayedSchema = v.object({
  task_id: v.pipe(v.string(), v.description("A new id.")),
  status: v.literal("PENDING"),
  partition: v.pipe(v.number(), v.integer(), v.description("Its place in tasks.")),
  offset: v.pipe(v.number(), v.integer()),
  replay_of: v.pipe(v.string(), v.description("The letter's place, as partition/offset.")),
});

const unknown = problemAnswer("There is no dead letter at this place.");
const letter: v.InferOutput<typeof letterSchema> = {
  partition: 0,
  offset: 0,
  set_aside_at: "2026-03-01T12:00:00.000Z",
  reason: 'Expected the message to be JSON, got "rubbish"',
  original: { topic: "tasks", partition: 3, offset: 17 },
  size: 7,
  value: { text: "rubbish" },
  headers: {
    "original-topic": ["tasks"],
    "original-partition": ["3"],
    "original-offset": ["17"],
    reason: ['Expected the message to be JSON, got "rubbish"'],
  },
};
const first = { partition: "0", offset: "0" };
const flower = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };

export const OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/dead-letters",
    id: "listDeadLetters",
    tag: "dead letters",
    summary: "What no worker could read, the newest first.",
    description: "Of a long value only the beginning is shown: the letter itself has all of it.",
    query: listQuery,
    answers: {
      200: { description: "A page of dead letters.", schema: letterListSchema },
      422: problemAnswer("A parameter is wrong; `field` names it."),
    },
    examples: [
      {
        name: "the newest",
        query: { limit: "5" },
        status: 200,
        answer: { dead_letters: [letter], total: 1 },
      },
      { name: "no number", query: { limit: "all" }, status: 422 },
    ],
  },
  {
    method: "GET",
    path: "/dead-letters/:partition/:offset",
    id: "getDeadLetter",
    tag: "dead letters",
    summary: "One dead letter, with all of its bytes.",
    params: placeParams,
    answers: { 200: { description: "The letter.", schema: letterSchema }, 404: unknown },
    examples: [
      { name: "the first", params: first, status: 200, answer: letter },
      { name: "none there", params: { partition: "0", offset: "4711" }, status: 404 },
    ],
  },
  {
    method: "POST",
    path: "/dead-letters/:partition/:offset/replay",
    id: "replayDeadLetter",
    tag: "dead letters",
    summary: "Puts a dead letter back into the queue, as a new task.",
    description:
      "Without a body it goes as it was. With one, that is what it should have been: four measurements, or " +
      "a text as at the prompt (6,3,4,1).",
    params: placeParams,
    query: replayQuery,
    body: { schema: v.union([measurementsSchema, v.string()]), optional: true },
    answers: {
      202: {
        description: "Kafka has the new task.",
        schema: replayedSchema,
        headers: { Location: "Where the new task can be asked for.", "Retry-After": "In how many seconds." },
      },
      404: unknown,
      409: problemAnswer("It has been replayed: `replayed_as` is the task. `again=true` replays it again."),
      422: problemAnswer("It still cannot be read, for the reason that `expected` and `got` name."),
      503: problemAnswer("Kafka is away: not confirmed."),
    },
    examples: [
      { name: "as it was", params: first, status: 422 },
      {
        name: "edited",
        params: first,
        body: flower,
        status: 202,
        answer: {
          task_id: "5d1d4a0e-2f55-4c7e-9f0a-0d6f4a3c9b10",
          status: "PENDING",
          partition: 3,
          offset: 18,
          replay_of: "0/0",
        },
      },
      { name: "a second time", params: first, body: flower, status: 409 },
      {
        name: "a second time on purpose",
        params: first,
        query: { again: "true" },
        body: "6,3,4,1",
        status: 202,
      },
    ],
  },
];
