"""Every error as a problem document (RFC 9457), and the one place where an error gets its status.

    HTTP/1.1 412 Precondition Failed
    Content-Type: application/problem+json

    {"title": "Precondition Failed", "status": 412, "detail": "Somebody else has changed it since. …"}

Whose turn is it? The client's, for 4xx: the detail says what to do. The store's, for 503: try again.
Ours, for 500: the client is told nothing more, and what happened stands in the log.

Left out: `type`. Without one the title is that of the status (RFC 9457 §4.2.1).
"""

from __future__ import annotations

from http import HTTPStatus

from .errors import Changed, Missing, NotJson, Reused, Trouble, Unguarded, Unreadable, Wrong
from .link import Away
from .messages import Answer, in_json

PROBLEM = {b"Content-Type": b"application/problem+json"}
STATUS: dict[type[Trouble], int] = {
    Unreadable: 400,
    Missing: 404,
    Changed: 412,
    NotJson: 415,
    Wrong: 422,
    Reused: 422,
    Unguarded: 428,
}
RETRY_AFTER = {b"Retry-After": b"1"}


def title_of(status: int) -> str:
    """As RFC 9110 and RFC 6585 name it."""
    return TITLES.get(status) or HTTPStatus(status).phrase


TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}  # which older libraries lack


def problem(status: int, detail: str = "", fields: dict[bytes, bytes] | None = None) -> Answer:
    """A document with no more than that."""
    said: dict[str, object] = {"title": title_of(status), "status": status}
    if detail:
        said["detail"] = detail
    return in_json(status, said, {**PROBLEM, **(fields or {})})


def answer_to(error: Exception) -> Answer:
    """Which answer an error becomes."""
    if isinstance(error, Away):
        return problem(503, "The store does not answer. Try again.", RETRY_AFTER)
    if isinstance(error, Wrong):
        said = {"title": title_of(422), "status": 422, "detail": str(error)}
        errors = [member._asdict() for member in error.members]
        return in_json(422, {**said, "errors": errors}, PROBLEM)
    if isinstance(error, Trouble):
        return problem(STATUS[type(error)], str(error))
    return problem(500, "Something is wrong here, and not with the request.")
