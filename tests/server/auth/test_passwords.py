"""How passwords are kept. The suite hashes with less work, so what a server does is asked of a process of its own."""

from __future__ import annotations

import subprocess
import sys

from server.auth.passwords import hash_password, is_right_password

HASHED = "from server.auth.passwords import hash_password; print(hash_password('four words in a row'))"


def test_a_server_takes_the_work_that_is_recommended_for_argon2id() -> None:
    hashed = subprocess.run([sys.executable, "-c", HASHED], capture_output=True, text=True, check=True).stdout
    _, kind, _, work, _, _ = hashed.strip().split("$")
    assert kind == "argon2id"
    costs = dict(part.split("=") for part in work.split(","))
    assert int(costs["m"]) >= 65_536  # KiB
    assert int(costs["t"]) >= 3
    assert is_right_password("four words in a row", hashed.strip())
    assert not is_right_password("four words in a column", hashed.strip())


def test_no_two_hashes_are_alike() -> None:
    assert hash_password("four words in a row") != hash_password("four words in a row")
