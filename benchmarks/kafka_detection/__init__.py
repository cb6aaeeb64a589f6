"""Detection through a real Kafka: the project's worker beside the same job on quixstreams and on bytewax."""
