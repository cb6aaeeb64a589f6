"""Flows as the tests of the whole flow have them."""

from tests.flow.conftest import flow, flow_of

__all__ = ["flow", "flow_of"]
