"""What each stage of the worker does through a real Kafka, for `shutdowns plan` to count with."""
