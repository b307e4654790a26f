"""Form fields and what is wrong with them; where a form leads next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from server.errors import ServerError

# Longer than any address of a page of ours.
MAX_NEXT_CHARACTERS = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One input of a form."""

    name: str
    label: str
    kind: str = "text"  # the input's type
    autocomplete: str = "off"
    max_characters: int = 100
    is_required: bool = True
    value: str = ""
    fault: str = ""  # what is wrong with the value, and how to mend it


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Why a form was not accepted."""

    message: str
    advice: str
    address: str = ""  # a page that helps
    link: str = ""


def filled(field: Field, *, value: str, error: ServerError | None) -> Field:
    """The field as it was sent, with its fault if the error is about it."""
    is_at_fault = error is not None and error.details.get("field") in {field.name, field.label.lower()}
    fault = f"{error.message} {error.advice_given}" if error is not None and is_at_fault else ""
    return replace(field, value=value[: field.max_characters], fault=fault)


def problem_of(error: ServerError | None, *, address: str = "", link: str = "") -> Problem | None:
    """The error as a message above the form, with a page that helps."""
    if error is None:
        return None
    return Problem(message=error.message, advice=error.advice_given, address=address, link=link)


def fault_sentence(fault: Mapping[str, Any]) -> str:
    """A fault of a round's folder or policy as it stands at its field. Names in it keep their case."""
    message = fault["message"]
    return f"{message[:1].upper()}{message[1:]}; {fault['advice']}."


def local_path(text: str) -> str:
    """`text` if it is a path of this site, else the home page: nobody is led elsewhere after a log-in."""
    is_local = text.startswith("/") and not text.startswith(("//", "/\\")) and len(text) <= MAX_NEXT_CHARACTERS
    return text if is_local and text.isprintable() and "\\" not in text else "/"
