"""Kafka: what carries events to services and to departments. The log stays the truth; what Kafka loses is sent again."""
