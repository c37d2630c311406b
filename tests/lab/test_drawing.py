"""A chart becomes an image in a process of its own; why it does not is one sentence."""

import subprocess

import pytest

from cutaway.lab import drawing
from cutaway.lab.chart import chart
from cutaway.lab.drawing import NotDrawn, image
from tests.lab.sample import report


@pytest.mark.slow
def test_the_image_is_a_png() -> None:
    assert image(chart(report()), "png").startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.parametrize(
    ("came", "says"),
    [
        (subprocess.CompletedProcess((), 3, b"", b""), "the module vl_convert is missing"),
        (subprocess.CompletedProcess((), 1, b"", b"Traceback"), "could not be drawn"),
        (subprocess.CompletedProcess((), 0, b"", b""), "could not be drawn"),
        (subprocess.TimeoutExpired("python", 60), "not drawn in time"),
        (OSError(12, "Cannot allocate memory"), "not drawn in time"),
    ],
)
def test_why_it_is_not_drawn_is_one_sentence(monkeypatch, came, says) -> None:
    def run(*_, **__):
        if isinstance(came, Exception):
            raise came
        return came

    monkeypatch.setattr(drawing.subprocess, "run", run)
    with pytest.raises(NotDrawn, match=says):
        image({}, "svg")
