"""Stage 5's client in another language. It knows what the wire promises and no more: a task with an id, a result with y.iris_type."""

import json
import os
import sys
import uuid

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

FIELDS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
brokers = os.environ.get("KAFKA_BROKERS", "localhost:9092").split(",")
prefix = os.environ.get("KAFKA_TOPIC_PREFIX", "")

consumer = KafkaConsumer(bootstrap_servers=brokers)
partitions = [TopicPartition(prefix + "results", p) for p in consumer.partitions_for_topic(prefix + "results")]
consumer.assign(partitions)
consumer.seek_to_end()
for partition in partitions:
    consumer.position(partition)  # Looks for the end now, before the first task is sent, and not at the first poll.

producer = KafkaProducer(bootstrap_servers=brokers, value_serializer=lambda task: json.dumps(task).encode())
waiting = set()
for flower in sys.argv[1:]:
    task_id = str(uuid.uuid4())
    waiting.add(task_id)
    X = dict(zip(FIELDS, map(float, flower.split(","))))
    producer.send(prefix + "tasks", {"task_id": task_id, "X": X})
producer.flush()

for message in consumer:
    result = json.loads(message.value)
    if result.get("task_id") in waiting:
        waiting.remove(result["task_id"])
        print(json.dumps(result), flush=True)
    if not waiting:
        break
consumer.close()
