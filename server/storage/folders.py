"""Where everything lies within the data folder of a server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class DataFolders:
    """The paths of one data folder."""

    root: Path

    @property
    def incoming(self) -> Path:
        """Uploads still being written; on the file system of `blobs`, so that a rename is enough."""
        return self.root / "incoming"

    @property
    def blobs(self) -> Path:
        """Uploaded files and outcomes, under their keys."""
        return self.root / "blobs"

    @property
    def work(self) -> Path:
        """What scoring children hand to their parent. Empty while nothing runs."""
        return self.root / "work"

    @property
    def rounds(self) -> Path:
        """One folder per round."""
        return self.root / "rounds"

    @property
    def drafts(self) -> Path:
        """Organizers' files on their way in, one folder each. Empty while nothing runs."""
        return self.root / "drafts"

    @property
    def cache(self) -> Path:
        """Parsed truths, by the digest of the organizer's files."""
        return self.root / "cache"

    @property
    def lock(self) -> Path:
        """The file the running server holds a lock on."""
        return self.root / "server.lock"

    def public_half(self, slug: str) -> Path:
        """What participants of the round may know."""
        return self.rounds / slug / "public"

    def truth_file(self, slug: str, digest: str) -> Path:
        """One version of the round's truth. Scoring children alone open it."""
        return self.rounds / slug / "truth" / f"{digest}.npz"

    def create(self) -> None:
        """Make what is missing, readable by the server's own user alone."""
        for folder in (self.root, self.incoming, self.blobs, self.work, self.rounds, self.drafts, self.cache):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
