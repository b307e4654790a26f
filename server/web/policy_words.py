"""The keys of a policy in words: what each is called and what it does."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One key."""

    key: str
    label: str
    hint: str
    choices: tuple[str, ...] = ()


_DATES = (
    Words(
        "time_zone",
        "Time zone",
        "An IANA name, such as Europe/Paris. The dates below are on its clocks; with another zone they stay as"
        " written, and so move. A time that its clocks show twice is the first. Pages show it beside UTC.",
    ),
    Words("opens", "Opens", "From this moment on submissions are taken. Empty: at once."),
    Words("closes", "Closes", "From this moment on none are taken. Empty: never."),
    Words("freezes", "Board freezes", "From here on the board shows what was sent before, until the reveal."),
    Words("reveals", "Reveals", "When private scores, names and figures per class are shown. Empty: at the close."),
    Words(
        "teams_freeze",
        "Teams freeze",
        "From here on, also in a pause, nobody joins or leaves a team that takes part; one that is joined later cannot"
        " submit.",
    ),
)

_LIMITS = (
    Words("submissions_per_day", "Submissions per day", "Of one team, per UTC calendar day. Empty: no limit."),
    Words("submissions_per_week", "Submissions per week", "Of one team, from Monday, UTC. Empty: no limit."),
    Words("submissions_total", "Submissions in all", "Of one team. Empty: no limit."),
    Words("max_upload_bytes", "Largest file, bytes", "As it is sent."),
    Words("max_unpacked_bytes", "Largest file unpacked, bytes", "What a compressed file may grow to."),
    Words("max_lines", "Most lines of a file", "One more is refused."),
)

_RANKING = (
    Words("best_by", "Ranked by", "The figure that decides; its direction is its own."),
    Words("rows", "A row of the board is", "One for each team, or one for each method.", ("team", "entry")),
    Words(
        "represents", "It shows the submission that is",
        "Of each method the best, the latest, or the ones the team has chosen.",
        ("best", "latest", "finals"),
    ),
    Words(
        "finals", "Chosen submissions",
        "How many a team may choose, where chosen ones stand for it; never fewer than a team has chosen.",
    ),
    Words(
        "ranking", "Ranking", "By the figure, or by the number of categories won, as in ILSVRC's detection.",
        ("metric", "categories"),
    ),
    Words(
        "tracks",
        "Tracks",
        "Ranked apart; names with commas between. Empty: one board for all. One with entries stays as it is.",
    ),
)  # fmt: skip

_SECRETS = (
    Words("public_share", "Public share of the images", "0.3: three of ten. Empty: all. Fixed once anything was sent."),
    Words("blind", "Blind", "No score is shown before the reveal."),
    Words("anonymous", "Anonymous", "No team is named before the reveal."),
    Words(
        "per_class", "Figures per class", "Shown from the reveal on, from the start, or never.",
        ("revealed", "open", "never"),
    ),
)  # fmt: skip

_PEOPLE = (
    Words(
        "listing", "Listed", "For everybody; by its address alone; or for those who joined.",
        ("public", "unlisted", "private"),
    ),
    Words(
        "admission", "Who may take part", "Everybody, whom you admit, or who has an address of the domains below.",
        ("open", "approval", "domains"),
    ),
    Words("domains", "Domains", "Of e-mail addresses, with commas between: example.edu, example.ac.uk"),
    Words("verify_email", "Verified addresses only", "An e-mail address must be verified before a submission."),
    Words("appeal_days", "Days to appeal", "After a disqualification."),
)  # fmt: skip

GROUPS = (
    ("dates", "Dates", _DATES),
    ("limits", "Limits", _LIMITS),
    ("ranks", "Ranking", _RANKING),
    ("secrets", "What is held back", _SECRETS),
    ("people", "Who takes part", _PEOPLE),
    ("rule-book", "Rules", (Words("rules", "Rule book", "Markdown. Teams accept it by submitting."),)),
    (
        "data-page", "Data page",
        (
            Words("data", "Data page", "Markdown: links, checksums, licence, terms."),
            Words("data_terms", "It holds terms to accept", "Teams accept this page as they accept the rules."),
        ),
    ),
)  # fmt: skip


def note_hint(group: str) -> str:
    """What the public note of a group's form is for."""
    needed = "Needed for any change here once something was sent" if group == "ranks" else "Optional"
    return f"{needed}; announced on the round's page."
