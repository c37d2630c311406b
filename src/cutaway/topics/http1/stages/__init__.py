"""The stages of HTTP/1.1, in the order in which a server is built."""

from ....grade.stage import Stage

STAGES: tuple[Stage, ...] = (
    # One line a stage, in order.
)
