"""Faults caused, and the alerts that a real Prometheus tells of them: `python -m benchmarks.alerts`."""
