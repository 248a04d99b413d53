"""What every service stands on: the log, the consumer, timers, sealing, the HTTP door. It decides nothing."""
