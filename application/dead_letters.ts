/**
 * `npm run dead-letters`: what no worker could read, why, and the way back into the queue. It speaks to Kafka
 * itself, so it works without a gateway.
 */
import { Option } from "@commander-js/extra-typings";
import { createProgram, ExpectationError, wholeNumber } from "../common/cli.ts";
import { InputError, ProgramError } from "../common/errors.ts";
import { connectKafka } from "../common/kafka/client.ts";
import type { Producer } from "../common/kafka/producer.ts";
import { readKafkaSettings } from "../common/kafka/settings.ts";
import { replayKey, TURN_MS } from "./claims_wire.ts";
import { claimReplay } from "./dead_letters/claim_replay.ts";
import { type LetterFacts, toLetterJson } from "./dead_letters/letter.ts";
import { readLetter, readNewest } from "./dead_letters/read_letters.ts";
import {
  formatPlace,
  type LetterPlace,
  parsePlace,
  readMeasurements,
  toReplay,
} from "./dead_letters/replay.ts";

/** A little less than a turn takes: what is not confirmed by then must not arrive later. */
const SEND_MS = TURN_MS - 500;

const { limit, replay, edit, again, json } = createProgram(
  "npm run dead-letters --",
  "Lists the messages that no worker could read, the newest first, or puts one back as a new task.",
  "npm run dead-letters -- --replay 0/12 --edit 6,3,4,1",
)
  .option("--limit <n>", "how many to list", wholeNumber(1, 10_000), 20)
  .addOption(new Option("--replay <partition/offset>", "put this one back into tasks").argParser(readPlace))
  .option("--edit <flower>", "with --replay: four numbers, or JSON, in place of what it was")
  .option("--again", "with --replay: though it has been replayed before")
  .option("--json", "print one JSON object, with all of each letter")
  .parse()
  .opts();

if (replay === undefined && (edit !== undefined || again === true)) {
  throw new ProgramError("--edit and --again belong to --replay, which names the letter: --replay 0/12", {
    exitCode: 2,
  });
}

const kafka = await connectKafka(readKafkaSettings(process.env), `dead-letters:${process.pid}`);
if (replay !== undefined) await putBack(replay);
else await list();
await kafka.close();

async function list(): Promise<void> {
  const found = await readNewest(kafka, limit);
  if (json) {
    const { letters, total } = found;
    console.log(JSON.stringify({ dead_letters: letters.map((letter) => toLetterJson(letter)), total }));
  } else {
    const { formatLetters } = await import("./dead_letters/table.ts");
    console.log(formatLetters(found));
  }
}

async function putBack(place: LetterPlace): Promise<void> {
  const letter = await readLetter(kafka, place);
  const name = formatPlace(place);
  if (letter === undefined) {
    throw new ProgramError(
      `There is no dead letter ${name}: npm run dead-letters lists those that there are`,
    );
  }
  if (letter.replayed_as !== null && again !== true) throw alreadyReplayed(name, letter.replayed_as);
  const X = measurementsOf(letter.value);
  const producer = await kafka.producer();
  const { task_id, message } = toReplay(place, X, again ? undefined : await claim(producer, letter));
  const [sent] = await producer.send(kafka.topics.tasks, [message], { limitMs: SEND_MS });
  const { partition = 0, offset = "0" } = sent ?? {};
  if (json) console.log(JSON.stringify({ task_id, partition, offset: Number(offset), replay_of: name }));
  else console.log(`Replayed ${name} as the task ${task_id}: partition ${partition}, offset ${offset}`);
}

/** The id of the replay, which is ours alone to send. */
async function claim(producer: Producer, letter: LetterFacts): Promise<string> {
  const name = formatPlace(letter);
  let replayed_as: string | null = null;
  const id = await claimReplay(kafka, producer, replayKey(name, letter.at), async () => {
    replayed_as = (await readLetter(kafka, letter))?.replayed_as ?? null;
    return replayed_as !== null;
  });
  if (id === undefined) throw alreadyReplayed(name, replayed_as ?? "another task");
  return id;
}

function alreadyReplayed(name: string, id: string): ProgramError {
  return new ProgramError(`The dead letter ${name} has been replayed as ${id}: --again replays it once more`);
}

function measurementsOf(value: Uint8Array | null) {
  try {
    return readMeasurements(value === null ? null : Buffer.from(value), edit);
  } catch (error) {
    if (edit !== undefined || !(error instanceof InputError)) throw error;
    const advice = "say what it should have been, as with --edit 6,3,4,1";
    throw new ProgramError(`No worker could read it now either (${error.message}): ${advice}`, {
      cause: error,
    });
  }
}

function readPlace(text: string): LetterPlace {
  const place = parsePlace(text);
  if (place !== undefined) return place;
  throw new ExpectationError("a partition and an offset, such as 0/12");
}
