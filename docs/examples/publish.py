"""Writes presence events straight to Kafka: pip install confluent-kafka && KAFKA_BROKERS=localhost:9092 python3 publish.py"""

import json
import os
import sys
import time

from confluent_kafka import Producer

topic = os.environ.get("PRESENTLY_TOPIC_PREFIX", "presence.") + "events"
producer = Producer(
    {
        "bootstrap.servers": os.environ.get("KAFKA_BROKERS", "localhost:9092"),
        "partitioner": "murmur2_random",  # by default it is CRC32, which puts users where Presently does not look for them
        "acks": "all",
        "enable.idempotence": True,
    }
)
failures = []
acknowledged = 0


def on_delivery(error, _message):
    global acknowledged
    if error is None:
        acknowledged += 1
    else:
        failures.append(error)


for user_id in ["@alice:example", "@bjørn:example", "@dave:example", "@猫:example"]:
    for event in [
        {"type": "room.joined", "user_id": user_id, "room_id": "!garden:example"},
        {"type": "device.connected", "user_id": user_id, "device_id": "PHONE", "ts": time.time_ns() // 1_000_000},
        {"type": "status.set", "user_id": user_id, "status_msg": "published from Python"},
    ]:
        producer.produce(topic, key=user_id, value=json.dumps(event), on_delivery=on_delivery)
        producer.poll(0)  # calls on_delivery for what has been acknowledged
producer.flush()

if failures:
    sys.exit(f"{len(failures)} events may not be in {topic}: {failures[0]}")
print(f"{acknowledged} events are in {topic}")
