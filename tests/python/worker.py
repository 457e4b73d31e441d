"""Stage 5's worker in another language. Its answer holds what the wire promises and no more: task_id, X and y.iris_type."""

import json
import os

from kafka import KafkaConsumer, KafkaProducer

brokers = os.environ.get("KAFKA_BROKERS", "localhost:9092").split(",")
prefix = os.environ.get("KAFKA_TOPIC_PREFIX", "")

consumer = KafkaConsumer(
    prefix + "tasks",
    bootstrap_servers=brokers,
    group_id=prefix + "task_consumer_group",
    auto_offset_reset="earliest",
    enable_auto_commit=False,
)
producer = KafkaProducer(bootstrap_servers=brokers, value_serializer=lambda result: json.dumps(result).encode())

for message in consumer:
    task = json.loads(message.value)
    X = task["X"]
    # A decision tree as small as it gets: right for most irises.
    iris_type = 0 if X["petal_length"] < 2.5 else 1 if X["petal_width"] < 1.7 else 2
    result = {"task_id": task["task_id"], "X": X, "y": {"iris_type": iris_type}}
    producer.send(prefix + "results", result).get(timeout=30)
    consumer.commit()  # After the answer: the other way round, a crash in between would lose it.
    print(f"Answered {task['task_id']}", flush=True)
