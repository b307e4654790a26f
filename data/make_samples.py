"""Make the sample rounds again, the same bytes every time.

    .venv/bin/python data/make_samples.py                    writes over the files in data/
    .venv/bin/python data/make_samples.py --into FOLDER      writes whole rounds elsewhere
    .venv/bin/python data/make_samples.py --images FOLDER    draws the images, to take part in the rounds

round.toml and RULES.md are written by hand; everything else of a round is made here.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent

# The oracles and the scoring package lie beside data/.
sys.path.insert(0, str(DATA.parent))

from samples_maker import boards, classification, detection, localization, pictures  # noqa: E402
from samples_maker.digits import load_halves  # noqa: E402

SEED = 2010

WRITTEN_BY_HAND = ("round.toml", "RULES.md")


def make_rounds(into: Path) -> None:
    """Write the three rounds below `into`."""
    training, evaluation = load_halves()
    for slug in (classification.SLUG, localization.SLUG, detection.SLUG):
        (into / slug).mkdir(parents=True, exist_ok=True)
        if into != DATA:
            for name in WRITTEN_BY_HAND:
                shutil.copyfile(DATA / slug / name, into / slug / name)
    classification.make(into / classification.SLUG, training=training, evaluation=evaluation)
    localization.make(into / localization.SLUG, training=training, evaluation=evaluation, seed=SEED)
    detection.make(into / detection.SLUG, training=training, evaluation=evaluation, seed=SEED)
    for slug in (classification.SLUG, localization.SLUG, detection.SLUG):
        boards.make(into / slug)
        print(f"made {into / slug}")


def draw_images(into: Path) -> None:
    """Write the images of the three rounds below `into`, and the training half with its labels."""
    training, evaluation = load_halves()
    located = [labelled.scene.image for labelled in localization.draw(evaluation, seed=SEED)]
    detected = [scene.image for scene in detection.draw(evaluation, seed=SEED)]
    for slug, images in (
        (classification.SLUG, list(evaluation.images)),
        (localization.SLUG, located),
        (detection.SLUG, detected),
    ):
        named = ((f"{slug.replace('-', '_')}_{number:08}", image) for number, image in enumerate(images, start=1))
        pictures.write(into / slug, named)
        print(f"drew {len(images)} images of {slug}")
    labelled = enumerate(zip(training.images, training.labels, strict=True), start=1)
    pictures.write(into / "training", ((f"{number:04}_is_{label}", image) for number, (image, label) in labelled))


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the sample rounds again, or draw their images.")
    parser.add_argument("--into", type=Path, default=DATA, help="where the rounds go; default: data/ itself")
    parser.add_argument("--images", type=Path, help="draw the images there and make no round")
    arguments = parser.parse_args()
    if arguments.images is None:
        make_rounds(arguments.into.resolve())
    else:
        draw_images(arguments.images)


if __name__ == "__main__":
    main()
