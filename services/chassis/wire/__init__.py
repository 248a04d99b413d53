"""Kafka: what carries events to services and departments. The log stays the truth; what is lost is sent again."""
