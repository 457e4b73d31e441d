/** What Kafka knows of groups and topics, under the names that its usual exporters give it. */
import { Gauge, type Registry } from "prom-client";
import type { GatewayContext } from "../context.ts";

/** Adds gauges of groups, topics and the view's offsets; each is read when it is asked for. */
export function addKafkaMetrics(registry: Registry, { kafka, topics, view, queue }: GatewayContext): void {
  const registers = [registry];
  const place = ["consumergroup", "topic", "partition"] as const;
  new Gauge({
    name: "kafka_consumergroup_lag",
    help: "Messages of the partition that the group has not committed",
    labelNames: place,
    registers,
    collect() {
      this.reset();
      for (const { group: consumergroup, topic, partitions } of queue.seen().groups)
        for (const { partition, waiting } of partitions)
          this.set({ consumergroup, topic, partition }, waiting);
    },
  });
  new Gauge({
    name: "kafka_consumergroup_current_offset",
    help: "Offset of the partition at which the group goes on",
    labelNames: place,
    registers,
    collect() {
      this.reset();
      for (const { group: consumergroup, topic, partitions } of queue.seen().groups)
        for (const { partition, next } of partitions) this.set({ consumergroup, topic, partition }, next);
    },
  });
  new Gauge({
    name: "kafka_consumergroup_members",
    help: "Members of the group, those included whose session has not ended yet",
    labelNames: ["consumergroup"],
    registers,
    collect() {
      this.reset();
      const { groups, hasHiddenWorkers } = queue.seen();
      for (const { group: consumergroup, members } of groups) {
        // Of workers that kafkajs cannot list the number is not known: 0 would be an alarm.
        if (hasHiddenWorkers && consumergroup === kafka.groups.workers) continue;
        this.set({ consumergroup }, members);
      }
    },
  });
  new Gauge({
    name: "kafka_topic_partition_current_offset",
    help: "Offset that the next message of the partition gets",
    labelNames: ["topic", "partition"],
    registers,
    collect() {
      this.reset();
      for (const { topic, partitions } of queue.seen().groups)
        for (const { partition, end } of partitions) this.set({ topic, partition }, end);
    },
  });
  new Gauge({
    name: "iris_view_offset",
    help: "Offset at which the gateway goes on to read the partition",
    labelNames: ["topic", "partition"],
    registers,
    collect() {
      this.reset();
      const names = { ...kafka.topics, ...topics };
      for (const [kind, partitions] of Object.entries(view.progress().positions))
        for (const [partition, next] of Object.entries(partitions))
          this.set({ topic: names[kind as keyof typeof names], partition }, next);
    },
  });
  new Gauge({
    name: "iris_kafka_up",
    help: "Whether Kafka answered the gateway's last question: 1 or 0",
    registers,
    collect() {
      this.set(queue.seen().kafka === "up" ? 1 : 0);
    },
  });
}
