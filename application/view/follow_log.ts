/** Keeps a database equal to the topics, also when these turn out to be others than before. */
import type { KafkaConnection } from "../../common/kafka/client.ts";
import { KafkaError } from "../../common/kafka/errors.ts";
import { shortPath } from "../../common/results_database.ts";
import type { Database } from "../../common/sqlite.ts";
import { ensureOwnTopics } from "../topics.ts";
import type { TopicsByKind } from "./apply.ts";
import { ReadPositions } from "./positions.ts";
import { type Reading, startReading } from "./reading.ts";
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
  isWaitedFor(topic: ReadTopic): boolean;
  tell(message: FromThread): void;
  say(line: string): void;
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
    return startReading({
      ...this.#options,
      ...{ groups: this.#groups, ends },
      onOther: (topic) => this.#readAnew(topic),
      onFailure: this.#fail,
    });
  }

  #readAnew(topic: ReadTopic): void {
    const { database, topics, tell, say } = this.#options;
    if (this.#restart !== undefined) return;
    say(anewLine(topics[topic]));
    const restart = async () => {
      await this.#reading.stop();
      emptyView(database);
      tell({ kind: "emptied" });
      this.#reading = this.#read(await this.#askPatiently());
      this.#restart = undefined;
    };
    this.#restart = restart();
    this.#restart.catch(this.#fail);
  }

  /**
   * A topic that was deleted may not be there again yet. Whoever deletes those of the stages makes them
   * again; nobody else makes ours.
   */
  async #askPatiently(): Promise<TopicEnds> {
    for (;;) {
      try {
        await ensureOwnTopics(this.#options.kafka);
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
    if (shorter === undefined) this.#reading.writer.passDeleted(ends);
    else this.#readAnew(shorter);
    // Whoever asks is not to be told of the old ones.
    await this.#restart;
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
    await this.#reading.stop();
    await this.#groups.deleteAll(this.#options.kafka);
  }
}

function anewLine(topic: string): string {
  return `${topic} is not what this view has read before: it is made anew from all topics`;
}
