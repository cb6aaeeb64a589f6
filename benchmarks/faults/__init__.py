"""Every fault caused, and what comes out held to the run without Kafka."""
