/** The way of a dead letter back into the queue: once, whoever asks for it at the same time and where. */
import { randomUUID } from "node:crypto";
import type * as v from "valibot";
import { InputError } from "../../../common/errors.ts";
import type { Measurements } from "../../../common/iris.ts";
import { replayKey } from "../../claims_wire.ts";
import { formatPlace, type LetterPlace, readMeasurements, toReplay } from "../../dead_letters/replay.ts";
import type { GatewayContext } from "../context.ts";
import { Deadline } from "../deadline.ts";
import { Problem } from "../http/problem.ts";
import { takeTurn } from "../tasks/claims.ts";
import type { replayedSchema } from "./dead_letters_operations.ts";
import { findLetter, type LetterRow } from "./read_letters.ts";

export interface ReplayWish {
  /** What it should have been; undefined: as it was. */
  edit: unknown;
  /** Though it has been replayed. */
  again: boolean;
  /** Aborted when the client hangs up. */
  signal: AbortSignal;
}

/** The letter, also one that Kafka has got just now. Throws Problem 404. */
export async function letterAt({ view }: GatewayContext, place: LetterPlace): Promise<LetterRow> {
  const known = findLetter(view.database, place);
  if (known !== undefined) return known;
  await new Deadline().readToEnd(view, ["deadLetters"]);
  const letter = findLetter(view.database, place);
  if (letter !== undefined) return letter;
  const detail = `There is no dead letter ${formatPlace(place)}: GET /dead-letters lists those there are`;
  throw new Problem("unknown-dead-letter", detail);
}

/** Resolves when Kafka has the new task, and the view knows of it. Throws Problem and InputError. */
export async function putBack(
  context: GatewayContext,
  place: LetterPlace,
  { edit, again, signal }: ReplayWish,
): Promise<v.InferOutput<typeof replayedSchema>> {
  const { view, producer, kafka } = context;
  // Another gateway, or the command, may have replayed it.
  await new Deadline().readToEnd(view, ["deadLetters", "tasks"]);
  const { value, at, replayed_as } = await letterAt(context, place);
  if (replayed_as !== null && !again) throw alreadyReplayed(place, replayed_as);
  const X = measurementsOf(value, edit);
  const { id, deadline } = again
    ? { id: randomUUID(), deadline: new Deadline() }
    : await claimReplay(context, place, at, signal);
  const { task_id, message } = toReplay(place, X, id);
  const [sent] = await producer.send(kafka.topics.tasks, [message], deadline.limit);
  // So that whoever asks next is told of it.
  await deadline.readBack(view, "tasks", sent);
  const [partition, offset] = [sent?.partition ?? 0, Number(sent?.offset ?? 0)];
  return { task_id, status: "PENDING", partition, offset, replay_of: formatPlace(place) };
}

/** The id of the task that replays the letter. Throws Problem when somebody else has replayed it. */
async function claimReplay(
  context: GatewayContext,
  place: LetterPlace,
  at: number,
  signal: AbortSignal,
): Promise<{ id: string; deadline: Deadline }> {
  const key = replayKey(formatPlace(place), at);
  const { ids, left, deadline } = await takeTurn(context, key, "", (claim) => [claim.id], signal);
  const [id = ""] = ids;
  if (left.length === 0) throw alreadyReplayed(place, id);
  return { id, deadline };
}

function alreadyReplayed(place: LetterPlace, replayed_as: string): Problem {
  const detail = `The dead letter ${formatPlace(place)} has been replayed: ?again=true replays it once more`;
  return new Problem("already-replayed", detail, { extra: { replayed_as } });
}

/**
 * Throws Problem 422 when it cannot be read as it was; InputError when it cannot be read as it was edited.
 */
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
