"""Whether the seed that draws the public and the private images can be guessed from its commitment."""

from __future__ import annotations

from datetime import datetime

from leaderboard.policy import is_revealed
from server.services.rounds import RoundFacts

# 128 bits as hex digits, which is what the server draws: nobody tries that many seeds.
SAFE_SEED_CHARACTERS = 32


def seed_warning(facts: RoundFacts, now: datetime) -> str:
    """What an organizer should know of the round's seed; "" where it is long enough, or no secret any more.

    A warning and no refusal: a round that was opened elsewhere keeps its seed, or its images would change halves.
    """
    seed = facts.split_seed
    if seed is None or len(seed) >= SAFE_SEED_CHARACTERS or is_revealed(facts.policy, now):
        return ""
    return (
        f"The seed of the split has {len(seed)} characters. Its commitment is public, so whoever tries short seeds"
        f" learns which images are private. Take {SAFE_SEED_CHARACTERS} random characters, or leave split_seed out of"
        " round.toml: the server draws one. A round that is open keeps the seed it has."
    )
