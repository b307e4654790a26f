"""Findings: what is wrong, or merely odd, about a file."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FINDING_EXAMPLE: dict[str, Any] = {
    "code": "unknown-class",
    "severity": "error",
    "line": 812,
    "value": "1001",
    "message": "the class id is not in the round's class table; ids run from 1 to 1000",
    "advice": "use the ids of the round's class table",
    "count": 3,
}


class FindingFacts(BaseModel):
    """One fault, or one oddity, of a file."""

    model_config = ConfigDict(json_schema_extra={"example": FINDING_EXAMPLE})
    code: str = Field(description="Its kind, for programs; stable across releases.")
    severity: Literal["error", "notice"] = Field(description="An error refuses the file, a notice does not.")
    line: int | None = Field(description="1-based; null where no single line is meant.")
    value: str | None = Field(description="The offending text, shortened.")
    message: str = Field(description="What is wrong, and what was expected.")
    advice: str = Field(description="How to mend it.")
    count: int = Field(description="How often this kind occurs in the whole file; at most 20 are shown.")
