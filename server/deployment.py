"""What a running server stands on: its settings, database, blobs and folders, opened once."""

from __future__ import annotations

from dataclasses import dataclass

from server.db.engine import Database, open_database
from server.db.migrate import upgrade
from server.jobs.bell import Bell
from server.jobs.check_process import CheckProcess
from server.jobs.scoring_process import ChildLimits
from server.settings import Settings
from server.storage.blobs import Blobs
from server.storage.folders import DataFolders
from server.storage.local_blobs import LocalBlobs


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """The parts that services work with."""

    settings: Settings
    database: Database
    blobs: Blobs
    folders: DataFolders
    bell: Bell  # rung for each new job
    checker: CheckProcess
    comparer: CheckProcess  # of two entries, while somebody waits
    ranker: CheckProcess  # of whole boards, which may take minutes and keeps nobody waiting
    truths: CheckProcess  # reads drafts and corrected truths, and what else organizers ask of the truth

    def close(self) -> None:
        """Give everything back."""
        self.checker.close()
        self.comparer.close()
        self.ranker.close()
        self.truths.close()
        self.database.close()


def open_deployment(settings: Settings) -> Deployment:
    """Open the data folder, making what is missing, and bring the database to the present schema.

    Takes no lock: commands open a deployment while a server runs on it.

    Raises:
        DatabaseUnavailable: the database cannot be reached or is locked.
        DatabaseNewer: a newer version of Heldout has changed it.
    """
    folders = DataFolders(root=settings.data.resolve())
    folders.create()
    database = open_database(settings.database_address, wait_seconds=settings.database_wait_seconds)
    upgrade(database)
    return Deployment(
        settings=settings,
        database=database,
        blobs=LocalBlobs(folders.blobs, incoming=folders.incoming),
        folders=folders,
        bell=Bell(),
        checker=CheckProcess(
            ChildLimits(memory_bytes=settings.child_memory_bytes, seconds=settings.check_time_seconds)
        ),
        comparer=CheckProcess(
            ChildLimits(memory_bytes=settings.child_memory_bytes, seconds=settings.check_time_seconds)
        ),
        ranker=CheckProcess(ChildLimits(memory_bytes=settings.child_memory_bytes, seconds=settings.child_time_seconds)),
        truths=CheckProcess(ChildLimits(memory_bytes=settings.child_memory_bytes, seconds=settings.child_time_seconds)),
    )
