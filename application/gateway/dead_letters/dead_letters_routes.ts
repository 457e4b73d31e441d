/** What was set aside, and the way back into the queue: /dead-letters. */
import type { FastifyInstance } from "fastify";
import * as v from "valibot";
import { InputError } from "../../../common/errors.ts";
import { type Measurements, show } from "../../../common/iris.ts";
import { formatPlace, type LetterPlace, readMeasurements, toReplay } from "../../dead_letters/replay.ts";
import type { GatewayContext } from "../context.ts";
import { parseParameters } from "../http/parameters.ts";
import { Problem } from "../http/problem.ts";
import {
  type letterListSchema,
  listQuery,
  placeParams,
  type replayedSchema,
  replayQuery,
} from "./dead_letters_operations.ts";
import {
  countLetters,
  findLetter,
  type LetterCursor,
  type LetterRow,
  listLetters,
  toJson,
} from "./read_letters.ts";

export function addDeadLetterRoutes(app: FastifyInstance, context: GatewayContext): void {
  const { view } = context;
  const inTurn = turns();

  app.get("/dead-letters", async (request): Promise<v.InferOutput<typeof letterListSchema>> => {
    const { limit, before } = parseParameters(listQuery, request.query);
    const from = before === undefined ? undefined : parseCursor(before);
    const { letters, next } = await listLetters(view.database, limit, from);
    return {
      dead_letters: letters,
      ...(next === undefined ? {} : { next: formatCursor(next) }),
      total: countLetters(view.database),
    };
  });

  app.get("/dead-letters/:partition/:offset", async (request) => {
    const place = parseParameters(placeParams, request.params);
    return toJson(await letterAt(context, place));
  });

  app.post("/dead-letters/:partition/:offset/replay", async (request, reply) => {
    const place = parseParameters(placeParams, request.params);
    const { again } = parseParameters(replayQuery, request.query);
    // Two who replay the same letter at the same time: the second one sees what the first one did.
    const replayed = await inTurn(formatPlace(place), () =>
      putBack(context, place, request.body, again === "true"),
    );
    return reply
      .code(202)
      .header("location", `/tasks/${replayed.task_id}`)
      .header("retry-after", "1")
      .send(replayed);
  });
}

/** The letter, also one that Kafka has got just now. Throws Problem 404. */
async function letterAt({ view }: GatewayContext, place: LetterPlace): Promise<LetterRow> {
  const known = findLetter(view.database, place);
  if (known !== undefined) return known;
  await view.readToEnd(["deadLetters"]);
  const letter = findLetter(view.database, place);
  if (letter !== undefined) return letter;
  const detail = `There is no dead letter ${formatPlace(place)}: GET /dead-letters lists those that there are`;
  throw new Problem("unknown-dead-letter", detail);
}

async function putBack(
  context: GatewayContext,
  place: LetterPlace,
  edit: unknown,
  again: boolean,
): Promise<v.InferOutput<typeof replayedSchema>> {
  const { view, producer, kafka } = context;
  // Another gateway, or the command, may have replayed it.
  await view.readToEnd(["deadLetters", "tasks"]);
  const { value, replayed_as } = await letterAt(context, place);
  const replay_of = formatPlace(place);
  if (replayed_as !== null && !again) {
    const detail = `The dead letter ${replay_of} has been replayed: ?again=true replays it once more`;
    throw new Problem("already-replayed", detail, { extra: { replayed_as } });
  }
  const { task_id, message } = toReplay(place, measurementsOf(value, edit));
  const [sent] = await producer.send(kafka.topics.tasks, [message]);
  const [partition, offset] = [sent?.partition ?? 0, Number(sent?.offset ?? 0)];
  // So that whoever asks next is told of it.
  await view.reached({ tasks: { [partition]: offset + 1 } });
  return { task_id, status: "PENDING", partition, offset, replay_of };
}

/** Throws Problem 422 when it cannot be read as it was; InputError when it cannot be read as it was edited. */
function measurementsOf(value: Uint8Array | null, edit: unknown): Measurements {
  try {
    return readMeasurements(value === null ? null : Buffer.from(value), edit);
  } catch (error) {
    if (edit !== undefined || !(error instanceof InputError)) throw error;
    const { field, expected, got, message } = error;
    const detail = `${message}. Send as the body what it should have been`;
    throw new Problem("unreadable", detail, { cause: error, extra: { field, expected, got } });
  }
}

/** Returns a function that does one work after the other, of those with the same key. */
function turns(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => {});
    last.set(key, settled);
    try {
      return await turn;
    } finally {
      if (last.get(key) === settled) last.delete(key);
    }
  };
}

const cursorSchema = v.pipe(
  v.string(),
  v.regex(/^-?\d{1,16}\.\d{1,16}\.\d{1,16}$/),
  v.transform((text) => text.split(".").map(Number)),
);

function parseCursor(text: string): LetterCursor {
  const parsed = v.safeParse(cursorSchema, text);
  if (!parsed.success) throw new InputError("before", "the `next` of an earlier answer", show(text));
  const [at = 0, partition = 0, offset = 0] = parsed.output;
  return { at, partition, offset };
}

function formatCursor({ at, partition, offset }: LetterCursor): string {
  return `${at}.${partition}.${offset}`;
}
