"""The formats that a check can be reported in: name → function of a CheckResult.

    FORMATS["junit"](result)       '<?xml version="1.0" …'

Each is a pure function: the same result gives the same text, and nothing is read but the result.
A format is imported when it is first asked for, so that a check that prints to a terminal does not
pay for the others.

In reading order: text (what all of them share), terminal, as_json, junit, github, exercism.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..verdict import CheckResult


def _terminal(result: CheckResult) -> str:
    from .terminal import render

    return render(result)


def _json(result: CheckResult) -> str:
    from .as_json import render

    return render(result)


def _junit(result: CheckResult) -> str:
    from .junit import render

    return render(result)


def _github(result: CheckResult) -> str:
    from .github import render

    return render(result)


def _github_summary(result: CheckResult) -> str:
    from .github import job_summary

    return job_summary(result)


def _exercism(result: CheckResult) -> str:
    from .exercism import render

    return render(result)


FORMATS: Mapping[str, Callable[[CheckResult], str]] = {
    "terminal": _terminal,
    "json": _json,
    "junit": _junit,
    "github": _github,
    "github-summary": _github_summary,
    "exercism": _exercism,
}
