/** What the gateway's routes share. */
import type { KafkaConnection } from "../../common/kafka/client.ts";
import type { Producer } from "../../common/kafka/producer.ts";
import type { ApplicationTopics } from "../topics.ts";
import type { View } from "../view/types.ts";
import type { Controls } from "./controls/controls.ts";
import type { QueueWatch } from "./queue/queue_watch.ts";

export interface GatewayContext {
  kafka: KafkaConnection;
  topics: ApplicationTopics;
  /** Gives up after a few seconds: whoever asks over HTTP is told that it is not confirmed. */
  producer: Producer;
  view: View;
  /** Owners, committed offsets, members: what Kafka tells and the log does not. */
  queue: QueueWatch;
  /** Only where the application has started this gateway. */
  controls?: Controls | undefined;
  /** The persister's database. It may be missing. */
  resultsFile: string;
  /** Milliseconds for which a finished task is kept. */
  keepMs: number;
}
