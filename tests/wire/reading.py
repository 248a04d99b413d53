"""A topic as a reader with another client than ours has it."""

from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, TopicPartition

from deploy.broker.kafka import Broker


def read_all(broker: Broker, topic: str) -> list[Message]:
    """Everything that is in the topic now, each partition in order; KeyError or KafkaException when it is not there."""
    consumer = Consumer({"bootstrap.servers": broker.address, "group.id": "reader", "enable.auto.commit": False})
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
        left = {p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=10) for p in partitions}
        left = {p: high for p, (low, high) in left.items() if high > low}
        records = []
        while left:
            record = consumer.poll(10)
            assert record is not None
            assert record.error() is None
            records.append(record)
            if record.offset() + 1 >= left.get(record.partition(), 0):
                left.pop(record.partition(), None)
        return records
    finally:
        consumer.close()
