"""The leases this process holds: renewed by one thread, worked under by others."""

from __future__ import annotations

from threading import Event, Lock

from server.jobs.leases import Lease


class HeldLease:
    """A lease somebody in this process works under."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self._lost = Event()

    @property
    def is_lost(self) -> bool:
        """Whether a renewal found the row in other hands."""
        return self._lost.is_set()

    def mark_lost(self) -> None:
        """Tell whoever works under it to stop."""
        self._lost.set()


class HeldLeases:
    """All of them, for the thread that renews."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: dict[int, HeldLease] = {}

    def hold(self, lease: Lease) -> HeldLease:
        """Begin to renew the lease."""
        held = HeldLease(lease)
        with self._lock:
            self._held[lease.submission_id] = held
        return held

    def drop(self, held: HeldLease) -> None:
        """Stop renewing it."""
        with self._lock:
            if self._held.get(held.lease.submission_id) is held:
                del self._held[held.lease.submission_id]

    def all(self) -> list[HeldLease]:
        with self._lock:
            return list(self._held.values())

    def submission_ids(self) -> tuple[int, ...]:
        with self._lock:
            return tuple(self._held)
