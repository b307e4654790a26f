"""A server that really listens, in a thread of the test's process: for what only a socket shows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from server.cli.serving import HeldoutServer, address_of, listen
from server.services.opening import open_folder
from tests.server.making import CALM, NOW, quick_deployment, quick_settings


@contextmanager
def listening_server(data: Path, *rounds: Path, **settings: Any) -> Iterator[str]:
    """The address of a server on `data` with these rounds open; nothing is scored without a `worker_count`."""
    chosen = quick_settings(data, **{**CALM, **settings})
    deployment = quick_deployment(chosen)
    for folder in rounds:
        open_folder(deployment, folder, now=NOW)
    deployment.close()
    ready = threading.Event()
    with listen("127.0.0.1", 0) as bound:
        server = HeldoutServer(chosen, on_ready=ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            assert ready.wait(60)
            yield address_of(bound)
        finally:
            server.should_exit = True
            thread.join()
