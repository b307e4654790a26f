"""Small tracking rounds as arrays: a few short snippets, tracklets that drift, overlap and tie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from scoring.images import Images
from scoring.metrics.tracking import TrackingOutcomes, TrackingScorer
from scoring.policies import Policy
from scoring.rounds import PublicRound
from scoring.tracklets import TrackedColumns
from scoring.truth import Truth, TruthBoxes
from tests.parity.oracles import Box
from tests.parity.oracles_tracking import Line
from tests.scoring.making import classes_of

CLASSES = 3

# Two snippets of four frames and one of two; frames of the second stand apart, as an unsorted list may have them.
SNIPPETS = (0, 0, 0, 0, 1, 1, 2, 2, 1, 1)


@dataclass(frozen=True, kw_only=True)
class TrackedRound:
    """Lines in the order of their files; class ids here are class positions."""

    truth: list[Line]
    lines: list[Line]
    snippets: tuple[int, ...] = SNIPPETS

    @property
    def public(self) -> PublicRound:
        names = tuple(f"val/snippet_{snippet}/{frame:06}" for frame, snippet in enumerate(self.snippets))
        return PublicRound(
            slug="small",
            title="A small round",
            challenge=None,
            task="vid-track",
            images=Images(indices=np.arange(1, len(names) + 1), names=names),
            classes=classes_of(range(1, CLASSES + 1)),
            policy=Policy(best_by="mean_ap", max_lines=1000),
        )

    @property
    def held_out(self) -> Truth:
        return Truth(
            task="vid-track",
            digest="",
            boxes=TruthBoxes.grouped(
                images=np.array([line.frame for line in self.truth], np.int32),
                classes=np.array([line.class_id for line in self.truth], np.int32),
                corners=np.array([line.box for line in self.truth], np.float64).reshape(-1, 4),
                tracks=np.array([line.track for line in self.truth], np.int32),
            ),
        )

    def columns(self, lines: list[Line]) -> TrackedColumns:
        return TrackedColumns(
            images=np.array([line.frame for line in lines], np.int32),
            classes=np.array([line.class_id for line in lines], np.int32),
            tracks=np.array([line.track for line in lines], np.int64),
            confidences=np.array([line.confidence for line in lines], np.float64),
            boxes=np.array([line.box for line in lines], np.float64).reshape(-1, 4),
        )

    def outcomes(self, *, window: int = 1000) -> TrackingOutcomes:
        """What becomes of the tracklets, read in windows of so many lines."""
        scorer = TrackingScorer(self.public, self.held_out)
        for first in range(0, len(self.lines), window):
            scorer.add(self.columns(self.lines[first : first + window]))
        return scorer.finish()

    def reduced(self, kept: set[int]) -> TrackedRound:
        """The round of these snippets alone."""
        frames = [frame for frame, snippet in enumerate(self.snippets) if snippet in kept]
        place = {frame: number for number, frame in enumerate(frames)}
        return TrackedRound(
            truth=[line._replace(frame=place[line.frame]) for line in self.truth if line.frame in place],
            lines=[line._replace(frame=place[line.frame]) for line in self.lines if line.frame in place],
            snippets=tuple(self.snippets[frame] for frame in frames),
        )


@st.composite
def tracked_rounds(draw: st.DrawFn) -> TrackedRound:
    truth: dict[tuple[int, int], Line] = {}  # by frame and track
    frames = st.integers(0, len(SNIPPETS) - 1)
    sides = st.sampled_from((1, 4, 10, 24, 30))
    for track in range(draw(st.integers(0, 5))):
        snippet, class_id = draw(st.integers(0, 2)), draw(st.integers(0, CLASSES - 1))
        x, y, width, height = draw(st.integers(0, 9)), draw(st.integers(0, 9)), draw(sides), draw(sides)
        for frame in draw(st.lists(frames, min_size=1, max_size=6, unique=True)):
            if SNIPPETS[frame] == snippet or draw(st.integers(0, 3)) == 0:
                box = Box(x + frame, y, x + frame + width - 1, y + height - 1)
                truth[frame, track % 4] = Line(frame, class_id, track % 4, box)  # ids come again: other classes too
    lines: dict[tuple[int, int], Line] = {}
    classes: dict[tuple[int, int], int] = {}  # of snippet and track: one tracklet has one class
    confidences = st.one_of(st.sampled_from((0.5, 0.25, 0.75, 0.1, 0.2, 0.3)), st.floats(-1, 1))
    for track in range(draw(st.integers(0, 6))):
        model = draw(st.sampled_from(sorted({line.track for line in truth.values()} or {0})))
        of_model = [line for line in truth.values() if line.track == model]
        some = draw(st.lists(st.sampled_from(of_model), max_size=8, unique=True)) if of_model else []
        for line in some:
            shift = draw(st.sampled_from((0, 0, 0, 1, 5, 12)))
            box = Box(line.box.xmin + shift, line.box.ymin, line.box.xmax + shift, line.box.ymax)
            class_id = classes.setdefault((SNIPPETS[line.frame], track), line.class_id)
            lines[line.frame, track] = Line(line.frame, class_id, track, box, draw(confidences))
        for frame in draw(st.lists(frames, max_size=2)):
            class_id = classes.setdefault((SNIPPETS[frame], track), draw(st.integers(0, CLASSES - 1)))
            lines.setdefault((frame, track), Line(frame, class_id, track, Box(0, 0, 20, 20), draw(confidences)))
    return TrackedRound(
        truth=draw(st.permutations(list(truth.values()))), lines=draw(st.permutations(list(lines.values())))
    )
