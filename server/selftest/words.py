"""What the files of a round call its classes."""

from __future__ import annotations

from scoring.rounds import PublicRound


def class_words(public: PublicRound) -> list[str]:
    """What files of the round call each class, by position."""
    classes = public.classes
    if public.prediction_ids == "wnid":
        return list(classes.wnids)
    if public.prediction_ids == "sorted-wnid":
        place = {wnid: number for number, wnid in enumerate(sorted(classes.wnids))}
        return [str(place[wnid]) for wnid in classes.wnids]
    return [str(number) for number in classes.ids.tolist()]
