"""The persister in another language. It passes X and y straight to a constructor that refuses unknown names.

It reads every result that is there, and prints each as a row. A failure has "error" and no answer: it is passed over.
"""

import dataclasses
import json
import os

from kafka import KafkaConsumer, TopicPartition

brokers = os.environ.get("KAFKA_BROKERS", "localhost:9092").split(",")
prefix = os.environ.get("KAFKA_TOPIC_PREFIX", "")


@dataclasses.dataclass
class IrisPrediction:
    sepal_length: float
    sepal_width: float
    petal_length: float
    petal_width: float
    iris_type: int


consumer = KafkaConsumer(bootstrap_servers=brokers)
partitions = [TopicPartition(prefix + "results", p) for p in consumer.partitions_for_topic(prefix + "results")]
consumer.assign(partitions)
ends = consumer.end_offsets(partitions)
consumer.seek_to_beginning()
while any(consumer.position(partition) < ends[partition] for partition in partitions):
    for messages in consumer.poll(timeout_ms=1000).values():
        for message in messages:
            result = json.loads(message.value)
            if "error" in result:
                continue
            row = IrisPrediction(**result["X"], **result["y"])
            print(json.dumps({"task_id": result.get("task_id"), **dataclasses.asdict(row)}), flush=True)
consumer.close()
