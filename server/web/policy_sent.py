"""What a form of the policy says, beside what its page had shown: the keys that its sender changed, and no others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scoring.faults import FaultLog
from scoring.policies import Policy
from server.services.policy_changes import refused
from server.services.policy_values import KINDS, shown_digest, texts_of, value_of_text
from server.services.time_zones import zone_or_utc

# Browsers leave out the seconds of a time where they are 0.
_WITHOUT_SECONDS = re.compile(r"\d{4,}-\d\d-\d\dT\d\d:\d\d")


@dataclass(frozen=True, kw_only=True, slots=True)
class SentPolicy:
    """A form as it was sent."""

    texts: Mapping[str, str]  # of the keys that it is about
    shown: Mapping[str, str]  # digests of what their fields held on the page, by key
    note: str

    def touched(self, policy: Policy) -> dict[str, str]:
        """What its sender changed; without digests, what it says otherwise than the policy.

        Dates are read on the clocks of the zone beside them, so another zone changes them all.
        """
        says = texts_of(policy)
        found = {
            key: text
            for key, text in self.texts.items()
            if shown_digest(_as_shown(key, text)) != self.shown.get(key, shown_digest(says[key]))
        }
        if "time_zone" in found and zone_or_utc(found["time_zone"]) != zone_or_utc(policy.time_zone):
            found |= {key: text for key, text in self.texts.items() if KINDS[key] == "time"}
        return found

    def changes(self, policy: Policy) -> dict[str, Any]:
        """New values by key.

        Raises:
            PolicyRefused: it names times that there are not.
        """
        zone, faults = zone_or_utc(self.texts.get("time_zone", policy.time_zone)), FaultLog()
        values = {key: value_of_text(key, text, zone=zone, faults=faults) for key, text in self.touched(policy).items()}
        if faults:
            raise refused(faults)
        return values

    def relied_on(self, policy: Policy) -> dict[str, str]:
        """Digests of what its sender looked at to change it: nobody else may have changed that meanwhile."""
        keys = set(self.touched(policy))
        if any(KINDS[key] == "time" for key in keys):
            keys.add("time_zone")
        return {key: digest for key, digest in self.shown.items() if key in keys}


def read_sent(form: Mapping[str, str]) -> SentPolicy:
    """The fields of a form."""
    keys = form.get("keys", "").split(",")
    shown = zip(keys, form.get("shown", "").split(","), strict=False)
    return SentPolicy(
        texts={key: form.get(key, "").replace("\r\n", "\n") for key in keys if key in KINDS},
        shown={key: digest for key, digest in shown if key in KINDS and digest},
        note=form.get("note", ""),
    )


def _as_shown(key: str, text: str) -> str:
    return f"{text}:00" if KINDS[key] == "time" and _WITHOUT_SECONDS.fullmatch(text) else text
