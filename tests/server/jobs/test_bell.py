"""Waking idle workers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from server.jobs.bell import Bell


def test_a_ring_before_the_wait_is_heard_once() -> None:
    bell = Bell()
    bell.ring()
    assert bell.wait(0)
    assert not bell.wait(0)


def test_as_many_rings_wake_as_many_workers() -> None:
    bell = Bell()
    with ThreadPoolExecutor(max_workers=3) as threads:
        waiting = [threads.submit(bell.wait, 30) for _ in range(3)]
        bell.ring(3)
        assert all(future.result() for future in waiting)
