"""Class ids as participants write them, looked up in the round's class table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.findings import Finding, FindingLog
from scoring.formats.complaints import (
    KIT_IDS_ADVICE,
    KIT_IDS_IN_ORDER_ADVICE,
    KIT_IDS_LOOK_UP_ADVICE,
    SORTED_WNID_ADVICE,
    UNKNOWN_CLASS_ADVICE,
    ZERO_BASED_ADVICE,
    error,
    mixed_names,
    notice,
    wnids_used,
)
from scoring.formats.tokens import NUMBER, WNID, Tokens
from scoring.rounds import PublicRound
from scoring.synsets import Classes, ClassNaming, positions_by_naming

UNKNOWN = -1
PADDING = -2  # a 0 that may fill up a line


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassLookup:
    """Positions of classes by id and by WNID."""

    classes: Classes
    naming: ClassNaming
    by_id: npt.NDArray[np.int32]  # (largest id + 1,)
    by_wnid: npt.NDArray[np.int64]  # (wnids,) the number of each WNID, ascending
    wnid_positions: npt.NDArray[np.int32]  # (wnids,) aligned with by_wnid

    @classmethod
    def of(cls, classes: Classes, *, ids: ClassNaming = "kit") -> ClassLookup:
        """The lookup of a round whose files name classes by `ids`."""
        numbered = sorted(
            (int(wnid[1:]), position)
            for wnid, position in classes.position_of_wnid.items()
            if len(wnid) == 9 and wnid[0] == "n" and wnid[1:].isdigit()
        )
        return cls(
            classes=classes,
            naming=ids,
            by_id=positions_by_naming(classes, ids),
            by_wnid=np.array([number for number, _ in numbered], dtype=np.int64),
            wnid_positions=np.array([position for _, position in numbered], dtype=np.int32),
        )

    def positions(self, values: npt.NDArray[np.float64], kinds: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
        """Class position of each token; UNKNOWN for what is no class, PADDING for a plain 0 that is none."""
        is_id = (kinds == NUMBER) & (values >= 0) & (values < len(self.by_id))
        ids = np.where(is_id, values, 0).astype(np.int64)
        found = np.where(is_id & (ids == values), self.by_id[ids], np.int32(UNKNOWN))
        if self.by_id[0] < 0:
            found[(values == 0) & (kinds == NUMBER)] = PADDING
        is_wnid = kinds == WNID
        if is_wnid.any():
            found[is_wnid] = self._wnid_positions(values[is_wnid].astype(np.int64))
        return found.astype(np.int32)

    def _wnid_positions(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        if not len(self.by_wnid):
            return np.full(len(numbers), UNKNOWN, dtype=np.int32)
        places = np.minimum(np.searchsorted(self.by_wnid, numbers), len(self.by_wnid) - 1)
        return np.where(self.by_wnid[places] == numbers, self.wnid_positions[places], UNKNOWN).astype(np.int32)

    def unknown(self, text: str, *, line: int) -> Finding:
        ids = self.classes.ids
        advice = UNKNOWN_CLASS_ADVICE[self.naming].format(first=ids[0], last=ids[-1], most=len(self.by_id) - 1)
        return error("unknown-class", line, text, "no class of this round has this id", advice=advice)


class ClassIdUse:
    """What a whole file's class ids look like: told from the extremes, without keeping them."""

    def __init__(self, public: PublicRound) -> None:
        self._classes = public.classes
        self._naming = public.prediction_ids
        self._ids = 0
        self._wnids = 0
        self._smallest = np.inf
        self._largest = -np.inf
        self._first_kind: int | None = None  # NUMBER or WNID
        self._mixed: tuple[int, str] | None = None  # line and text of the first class named otherwise

    def add(self, *, ids: int, wnids: int, smallest: float, largest: float) -> None:
        if self._first_kind is None and bool(ids) != bool(wnids):
            self._first_kind = NUMBER if ids else WNID
        self._ids += ids
        self._wnids += wnids
        self._smallest = min(self._smallest, smallest)
        self._largest = max(self._largest, largest)

    def add_tokens(self, values: npt.NDArray[np.float64], kinds: npt.NDArray[np.uint8]) -> None:
        ids = values[kinds == NUMBER]
        self.add(
            ids=int((ids != 0).sum()),  # zeros may be padding
            wnids=int((kinds == WNID).sum()),
            smallest=float(ids.min(initial=np.inf)),
            largest=float(ids.max(initial=-np.inf)),
        )

    @property
    def is_newly_mixed(self) -> bool:
        """Whether ids and WNIDs have both been seen since `locate_mix` was last called for."""
        return bool(self._ids and self._wnids and self._mixed is None)

    def locate_mix(self, tokens: Tokens, labels: npt.NDArray[np.intp], *, first: int) -> None:
        """Find the first of the tokens `labels` that names a class in another way than the file's first class does."""
        kinds = tokens.kinds[labels]
        is_named = (kinds == WNID) | ((kinds == NUMBER) & (tokens.values[labels] != 0))
        named, kinds = labels[is_named], kinds[is_named]
        if self._first_kind is None:
            self._first_kind = int(kinds[0])
        other = int(named[kinds != self._first_kind][0])
        row = int(np.searchsorted(tokens.line_starts, other, side="right")) - 1
        self._mixed = first + row + 1, tokens.text_of(other)

    def finish(self, log: FindingLog) -> None:
        """Log what the whole file shows."""
        if self._mixed:
            log.add(mixed_names(*self._mixed))
        elif self._wnids and "unknown-class" not in log and self._naming != "wnid":
            log.add(wnids_used(self._wnids))
        if self._looks_zero_based:
            advice = (ZERO_BASED_ADVICE + (SORTED_WNID_ADVICE if self._has_own_order else "")).format(
                last=len(self._classes) - 1
            )
            if "unknown-class" in log:
                log.add(error("zero-based", None, None, "the ids look 0-based", advice=advice))
            else:
                advice = f"unless the zeros fill up lines: {advice}"
                log.add(notice("zero-based", "the ids may be 0-based", advice=advice))

        if self._looks_like_the_table and "unknown-class" in log:
            mend = KIT_IDS_LOOK_UP_ADVICE if self._has_own_order else KIT_IDS_IN_ORDER_ADVICE
            advice = KIT_IDS_ADVICE.format(last=self._classes.ids[-1]) + mend
            log.add(error("one-based", None, None, "the ids look like the class table's own", advice=advice))

    @property
    def _looks_like_the_table(self) -> bool:
        """Whether ids of the table stand where places among the sorted WNIDs are due."""
        first, last = int(self._classes.ids[0]), int(self._classes.ids[-1])
        is_told_apart = first >= 1 and last >= len(self._classes)
        return self._naming == "sorted-wnid" and is_told_apart and self._smallest >= first and self._largest == last

    @property
    def _looks_zero_based(self) -> bool:
        count = len(self._classes)
        is_one_to_n = int(self._classes.ids[0]) == 1 and int(self._classes.ids[-1]) == count
        return self._naming == "kit" and is_one_to_n and self._smallest == 0 and self._largest == count - 1

    @property
    def _has_own_order(self) -> bool:
        """Whether ids are more than places among the sorted WNIDs, counted from 1."""
        wnids, last = self._classes.wnids, int(self._classes.ids[-1])
        return all(wnids) and (list(wnids) != sorted(wnids) or last > len(wnids))
