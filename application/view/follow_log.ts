/** Keeps a database equal to the topics, also when these turn out to be others than before. */
import type { KafkaConnection } from "../../common/kafka/client.ts";
import type { RunningConsumer } from "../../common/kafka/consume_plan.ts";
import { KafkaError } from "../../common/kafka/errors.ts";
import { shortPath } from "../../common/results_database.ts";
import type { Database } from "../../common/sqlite.ts";
import { prepareRules, type Rules, type TopicsByKind } from "./apply.ts";
import { BatchWriter } from "./batch_writer.ts";
import { readLog } from "./log_reader.ts";
import { Owners } from "./owners.ts";
import { ReadPositions } from "./positions.ts";
import type { FromThread } from "./thread_messages.ts";
import { EndsQuestion, findShorter, type TopicEnds, toPositions } from "./topic_ends.ts";
import { type Positions, READ_TOPICS, type ReadTopic } from "./types.ts";
import { Upkeep } from "./upkeep.ts";
import { claimOrigin, emptyView } from "./view_file.ts";
import { ViewGroups } from "./view_groups.ts";

export interface FollowOptions {
  kafka: KafkaConnection;
  database: Database;
  file: string;
  topics: TopicsByKind;
  keepMs: number;
  isWaitedFor(): boolean;
  tell(message: FromThread): void;
  say(line: string): void;
}

/** One reading of the topics, from the positions in the database on. */
export interface Reading {
  rules: Rules;
  owners: Owners;
  positions: ReadPositions;
  writer: BatchWriter;
  reader: RunningConsumer;
}

export class LogFollower {
  /** Rejects when the view cannot go on. */
  readonly failed: Promise<never>;
  readonly #options: FollowOptions;
  readonly #question: EndsQuestion;
  readonly #groups: ViewGroups;
  #fail: (error: unknown) => void = () => {};
  #reading: Reading;
  #restart: Promise<void> | undefined;
  readonly #upkeep: Upkeep;
  #isClosing = false;

  /** Begins to read. Throws ProgramError when Kafka or the database does not let it. */
  static async start(options: FollowOptions): Promise<LogFollower> {
    const { kafka, database, topics, file, say } = options;
    const { clusterId: cluster } = await kafka.ask((admin) => admin.describeCluster());
    const ends = await new EndsQuestion(kafka, topics).ask(READ_TOPICS);
    const { wasOther } = claimOrigin(database, { cluster, topics });
    if (wasOther) say(`${shortPath(file)} was of another Kafka, or of another version: it is made anew`);
    const shorter = findShorter(ends, new ReadPositions(database, topics).all());
    if (shorter !== undefined) {
      say(anewLine(topics[shorter]));
      emptyView(database);
    }
    return new LogFollower(options, ends);
  }

  private constructor(options: FollowOptions, ends: TopicEnds) {
    const { kafka, database, topics } = options;
    this.#options = options;
    this.failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {}); // Whoever awaits it is told.
    this.#question = new EndsQuestion(kafka, topics);
    this.#groups = new ViewGroups(database, kafka.settings.prefix);
    this.#reading = this.#read(ends);
    this.#upkeep = new Upkeep({
      ...{ kafka, database, groups: this.#groups },
      reading: () => (this.#restart === undefined ? this.#reading : undefined),
      askEnds: () => this.#askEnds(READ_TOPICS),
      onEnds: (now) => options.tell({ kind: "ends", ask: undefined, ends: toPositions(now) }),
      onFailure: this.#fail,
    });
  }

  #read(ends: TopicEnds): Reading {
    const { kafka, database, topics, keepMs, isWaitedFor, tell } = this.#options;
    const rules = prepareRules(database, topics, keepMs);
    const positions = new ReadPositions(database, topics);
    // What Kafka has deleted will not come: a partition begins at its first message.
    for (const [topic, partitions] of ends)
      for (const [partition, { low }] of partitions) positions.set(topic, partition, low);
    tell({ kind: "committed", positions: positions.all(), ids: [] });
    tell({ kind: "ends", ask: undefined, ends: toPositions(ends) });
    const writer = new BatchWriter({
      ...{ database, rules, positions, isWaitedFor },
      onWritten: (written, ids) => tell({ kind: "committed", positions: written, ids }),
    });
    const reader = readLog({
      ...{ kafka, topics, positions, writer, groups: this.#groups.names },
      lowOf: (topic, partition) => ends.get(topic)?.get(partition)?.low ?? 0,
      onOther: (topic) => this.#readAnew(topic),
    });
    reader.finished.catch(this.#fail);
    return { rules, owners: new Owners(database), positions, writer, reader };
  }

  #readAnew(topic: ReadTopic): void {
    const { database, topics, tell, say } = this.#options;
    if (this.#restart !== undefined) return;
    say(anewLine(topics[topic]));
    const restart = async () => {
      await this.#reading.reader.stop();
      emptyView(database);
      tell({ kind: "emptied" });
      this.#reading = this.#read(await this.#askPatiently());
      this.#restart = undefined;
    };
    this.#restart = restart();
    this.#restart.catch(this.#fail);
  }

  /** A topic that was deleted may not be there again yet. */
  async #askPatiently(): Promise<TopicEnds> {
    for (;;) {
      try {
        return await this.#question.ask(READ_TOPICS);
      } catch (error) {
        if (!(error instanceof KafkaError) || this.#isClosing) throw error;
      }
    }
  }

  /** Asks Kafka where these topics end. Rejects with a KafkaError, after 5 s at most. */
  async ask(topics: readonly ReadTopic[]): Promise<Positions> {
    return toPositions(await this.#askEnds(topics));
  }

  async #askEnds(topics: readonly ReadTopic[]): Promise<TopicEnds> {
    // As it was before the question: while the answer is on its way, the reader may pass it.
    const before = this.#reading.positions.all();
    const ends = await this.#question.ask(topics);
    const shorter = findShorter(ends, before);
    if (shorter !== undefined) this.#readAnew(shorter);
    return ends;
  }

  /** Somebody waits for what was read: it is written at once. */
  hurry(): void {
    this.#reading.writer.hurry();
  }

  setOwners(owners: ReadonlyMap<number, string | undefined>): void {
    const ids = this.#reading.owners.set(owners);
    if (ids.length > 0) this.#options.tell({ kind: "committed", positions: {}, ids });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#upkeep.stop();
    await this.#restart?.catch(() => {}); // Told by `failed`.
    await this.#reading.reader.stop();
    await this.#groups.deleteAll(this.#options.kafka);
  }
}

function anewLine(topic: string): string {
  return `${topic} is not what this view has read before: it is made anew from all topics`;
}
