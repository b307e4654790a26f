"""Images without end and detectors of equal skill: what intervals for average precision are tried on.

What makes resampling images differ from resampling detections is kept: objects come in flocks of one class, images
differ in difficulty, for all detectors alike, and in how much is seen in them that is not there; false positives take
after the classes of their image; some objects are detected twice; classes differ in frequency and in difficulty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.metrics.resample_kernel import LANES
from scoring.metrics.resampling import RankedDetections, mean_of_defined

_FLOCK_SHARE = 0.7  # of the objects, those of their image's main class
_STRAY_SHARE = 0.4  # of the false positives, those taken for the main class
_TWICE_SHARE = 0.15  # of the objects found, those found again by a worse box


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """Where images come from."""

    class_shares: npt.NDArray[np.float64]  # (classes,) the share of each class among flocks
    class_ease: npt.NDArray[np.float64]  # (classes,) how easily its objects are found, in spreads of difficulty
    objects: float = 2.5  # mean objects an image; a quarter of the images has none
    strays: float = 8.0  # mean false positives an image

    @classmethod
    def of(cls, class_count: int, *, seed: int = 1) -> World:
        """Classes whose frequency falls off as a power of their rank, as in the detection sets of ILSVRC."""
        shares = np.arange(1, class_count + 1) ** -0.6
        ease = np.random.default_rng(seed).normal(1.0, 0.8, class_count)
        return cls(class_shares=shares / shares.sum(), class_ease=ease)

    def draw(self, images: int, *, detectors: int, rng: np.random.Generator) -> list[RankedDetections]:
        """So many images, and what became of each detector's boxes."""
        scenes = _Scenes.drawn(self, images, rng)
        return [scenes.detected(rng) for _ in range(detectors)]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Scenes:
    """Images and the objects in them."""

    main_class: npt.NDArray[np.int32]  # (images,)
    busyness: npt.NDArray[np.float64]  # (images,) false positives to be expected
    images: npt.NDArray[np.int32]  # (objects,)
    classes: npt.NDArray[np.int32]  # (objects,)
    ease: npt.NDArray[np.float64]  # (objects,)
    class_count: int

    @classmethod
    def drawn(cls, world: World, image_count: int, rng: np.random.Generator) -> _Scenes:
        class_count = len(world.class_shares)
        main_class = rng.choice(class_count, size=image_count, p=world.class_shares).astype(np.int32)
        objects = rng.negative_binomial(1.5, 1.5 / (1.5 + world.objects), image_count)
        images = np.repeat(np.arange(image_count, dtype=np.int32), objects)
        others = rng.choice(class_count, size=len(images), p=world.class_shares)
        classes = np.where(rng.random(len(images)) < _FLOCK_SHARE, main_class[images], others).astype(np.int32)
        difficulty = rng.normal(0, 1, image_count)
        return cls(
            main_class=main_class,
            busyness=rng.gamma(2, world.strays / 2, image_count),
            images=images,
            classes=classes,
            ease=world.class_ease[classes] + rng.normal(0, 1, len(images)) - difficulty[images],
            class_count=class_count,
        )

    def detected(self, rng: np.random.Generator) -> RankedDetections:
        margin = self.ease + rng.normal(0, 1, len(self.ease))
        found = np.flatnonzero(margin > 0)
        confidences = 0.6 * margin[found] + rng.normal(0, 0.8, len(found))
        twice = rng.random(len(found)) < _TWICE_SHARE
        again = confidences[twice] - rng.exponential(1, int(twice.sum()))
        stray_images = np.repeat(np.arange(len(self.busyness), dtype=np.int32), rng.poisson(self.busyness))
        stray_classes = np.where(
            rng.random(len(stray_images)) < _STRAY_SHARE,
            self.main_class[stray_images],
            rng.integers(0, self.class_count, len(stray_images)),
        )
        every_confidence = np.concatenate([confidences, again, rng.normal(-1.0, 0.9, len(stray_images))])
        return RankedDetections.of_columns(
            images=np.concatenate([self.images[found], self.images[found[twice]], stray_images]),
            classes=np.concatenate([self.classes[found], self.classes[found[twice]], stray_classes]).astype(np.int32),
            confidences=every_confidence.round(4),
            is_found=np.arange(len(every_confidence)) < len(found),
            positive_images=self.images,
            positive_classes=self.classes,
            class_count=self.class_count,
        )


def mean_ap(detections: RankedDetections, images: int) -> float:
    """The score: every image once."""
    once = np.ones((images, LANES), np.uint8)
    return float(mean_of_defined(detections.class_ap(once))[0])
