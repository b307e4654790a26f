"""Laying out a round's folder as the server keeps it. It reads the ground truth: for commands and children alone."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from scoring.kits import copy_public_half
from scoring.opening import open_round, split_seed, split_truth
from scoring.policies import policy_json
from scoring.progress import Progress
from scoring.rounds import PublicRound
from scoring.tasks import find_task
from scoring.truth import Truth, save_truth
from scoring.truth_reports import truth_report
from server.baselines import Baseline, read_baselines
from server.jobs.staged_rounds import STAGED_BASELINES, StagedBaseline, StagedRound, write_baseline_list
from server.storage.public_halves import flush, folder_digest


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRound:
    """A faultless folder."""

    public: PublicRound
    truth: Truth
    split_truth: Truth | None  # the one both halves of the images were drawn from, where it is another
    baselines: tuple[Baseline, ...]


def read_round(folder: Path, *, cache: Path | None = None, progress: Progress | None = None) -> ReadRound:
    """Read a round's folder with its baselines.

    Raises:
        FaultyRound: with all faults of its halves; where there are none, of its baselines.
    """
    public, truth = open_round(folder, cache=cache, progress=progress)
    metrics = tuple(metric.name for metric in find_task(public.task).metrics_of(public))
    return ReadRound(
        public=public,
        truth=truth,
        split_truth=split_truth(folder, public, cache=cache),
        baselines=read_baselines(folder, metrics=metrics),
    )


def stage_round(read: ReadRound, folder: Path, staged: Path) -> StagedRound:
    """Lay the two halves and the baselines of `folder` out in `staged`, complete and on the disk."""
    public, truth = read.public, read.truth
    (staged / "public").mkdir(mode=0o700, parents=True)
    copy_public_half(folder, staged / "public")
    for version in (truth, read.split_truth or truth):
        save_truth(version, staged / "truth" / f"{version.digest}.npz")
    _copy_baselines(read.baselines, staged / STAGED_BASELINES)
    for path in (*staged.rglob("*"), staged):
        flush(path)
    return StagedRound(
        slug=public.slug,
        title=public.title,
        challenge=public.challenge,
        task=public.task,
        policy=policy_json(public.policy),
        rules=public.policy.rules,
        data=public.policy.data,
        image_count=len(public.images),
        class_count=len(public.classes),
        public_digest=folder_digest(staged / "public"),
        truth_digest=truth.digest,
        split_truth_digest=(read.split_truth or truth).digest,
        truth_report=asdict(truth_report(truth, images=public.images, classes=public.classes)),
        split_seed=split_seed(folder),
    )


def _copy_baselines(baselines: Sequence[Baseline], target: Path) -> None:
    if not baselines:
        return
    target.mkdir(mode=0o700)
    rows = []
    for number, baseline in enumerate(baselines):
        shutil.copyfile(baseline.path, target / str(number))
        rows.append(
            StagedBaseline(
                file=str(number),
                file_name=baseline.file_name,
                method=baseline.method,
                description=baseline.description,
                scores=dict(baseline.scores),
            )
        )
    write_baseline_list(target, rows)
