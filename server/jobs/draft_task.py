"""The tasks of the child that reads organizers' files: the serving process never opens a ground truth."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

from scoring.errors import FaultyRound
from scoring.faults import FaultLog
from server.jobs.archive_folders import unpack_folder
from server.jobs.draft_orders import PreparedRound, PrepareOrder
from server.jobs.form_folders import write_form_folder
from server.jobs.staging import read_round, stage_round
from server.selftest.selftest import run_selftest


def prepare(order: PrepareOrder) -> None:
    """Read the round, try it, and lay it out; of a faulty one, tell all faults."""
    try:
        prepared = _prepare(order)
    except FaultyRound as faulty:
        prepared = PreparedRound(faults=[asdict(fault) for fault in faulty.faults], round=None, selftest=[])
    prepared.write(order.result_file)


def _prepare(order: PrepareOrder) -> PreparedRound:
    folder = _folder(order)
    read = read_round(folder, cache=order.cache)
    tried = run_selftest(read.public, read.truth, baselines=read.baselines, work=order.work)
    staged = stage_round(read, folder, order.staged)
    return PreparedRound(faults=[], round=staged, selftest=[asdict(one) for one in tried])


def _folder(order: PrepareOrder) -> Path:
    folder = order.work / "folder"
    if order.archive is None:
        write_form_folder(folder, texts=order.texts, files=order.files)
        return folder
    faults = FaultLog()
    found = unpack_folder(order.archive.path, folder, name=order.archive.name, faults=faults)
    if faults:
        raise FaultyRound(folder, faults.faults)
    return found


def remove(folder: Path) -> None:
    """Remove a folder that may hold a truth."""
    shutil.rmtree(folder, ignore_errors=True)
