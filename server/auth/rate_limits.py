"""How often something may be tried by one account or one address."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from threading import Lock

# Memory stays bounded under a flood of made-up keys: the longest unused are forgotten.
MAX_KEYS = 20_000


class RateLimiter:
    """A bucket of tries per key that refills steadily. One process, in memory, safe between threads."""

    def __init__(self, *, burst: int, seconds_per_try: float, max_keys: int = MAX_KEYS) -> None:
        """
        Args:
            burst: tries a fresh key has at once.
            seconds_per_try: how long it takes to earn one try back.
            max_keys: how many keys are remembered.
        """
        self._burst = burst
        self._seconds_per_try = seconds_per_try
        self._max_keys = max_keys
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key -> (tries left, at second)
        self._lock = Lock()

    def spend(self, key: str, *, at_seconds: float) -> float:
        """Take one try of `key`; answers 0.0, or the seconds to wait when none is left.

        `at_seconds` comes from a monotonic clock: a wall clock set back would lock people out.
        """
        with self._lock:
            tries = self._tries(key, at_seconds)
            granted = tries >= 1.0
            self._keep(key, tries - 1.0 if granted else tries, at_seconds=at_seconds)
        return 0.0 if granted else (1.0 - tries) * self._seconds_per_try

    def give_back(self, key: str, *, at_seconds: float) -> None:
        """Return a try that turned out not to count, such as a right password."""
        with self._lock:
            self._keep(key, min(self._burst, self._tries(key, at_seconds) + 1.0), at_seconds=at_seconds)

    def __len__(self) -> int:
        return len(self._buckets)

    def _tries(self, key: str, at_seconds: float) -> float:
        tries, seen = self._buckets.get(key, (float(self._burst), at_seconds))
        return min(float(self._burst), tries + max(0.0, at_seconds - seen) / self._seconds_per_try)

    def _keep(self, key: str, tries: float, *, at_seconds: float) -> None:
        self._buckets[key] = (tries, at_seconds)
        self._buckets.move_to_end(key)
        while len(self._buckets) > self._max_keys:
            self._buckets.popitem(last=False)


def address_key(address: str) -> str:
    """What counts as one address: an IPv6 customer is given a whole /64, so that is counted as one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address  # a socket file, or a test
    return str(ipaddress.ip_network((address, 64), strict=False)) if parsed.version == 6 else address
