"""Keys on partitions: the hash is Kafka's, and the imbalance is as it is."""

from __future__ import annotations

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner import murmur2 as kafkas

from streams.planning.skew import busiest, imbalance, loads, murmur2, partition_of, regions, shares


@given(st.binary(max_size=40))
def test_the_hash_is_the_clients(key: bytes) -> None:
    assert murmur2(key) == kafkas(key) & 0xFFFFFFFF


@given(st.text(min_size=1, max_size=20), st.integers(1, 300))
def test_a_key_goes_to_the_partition_that_workers_send_it_to(key: str, partitions: int) -> None:
    there = list(range(partitions))
    assert partition_of(key, partitions) == DefaultPartitioner()(key.encode(), there, there)


def test_shares_are_of_all_countries_and_sum_up() -> None:
    found = shares()
    assert len(found) == len(regions()) >= 249
    assert sum(found.values()) == pytest.approx(1)
    assert sum(regions().values()) > 4_500
    hot = shares(0.5)
    assert hot["US"] == 0.5
    assert sum(hot.values()) == pytest.approx(1)
    assert hot["KZ"] < found["KZ"]


def test_few_keys_on_many_partitions_are_less_and_less_even() -> None:
    keys = shares()
    found = [imbalance(keys, partitions) for partitions in (4, 8, 16, 32, 64, 128)]
    assert found == sorted(found)
    assert found[0] > 1.1
    assert found[-1] > 5
    assert sum(loads(keys, 16)) == pytest.approx(1)


def test_the_busiest_worker_has_at_least_the_mean_and_at_least_the_fullest_partition() -> None:
    each = loads(shares(), 32)
    for workers in range(1, 33):
        assert busiest(each, workers) >= 1 / workers - 1e-9
        assert busiest(each, workers) >= max(each) - 1e-9
    assert busiest(each, 1) == pytest.approx(1)
    assert busiest(each, 32) == pytest.approx(max(each))
