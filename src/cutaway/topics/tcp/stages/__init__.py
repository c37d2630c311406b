"""The stages of TCP, in the order in which a server is built."""

from ....grade.stage import Stage
from .chat import CHAT
from .clients import TWO_CLIENTS
from .crowds import FULL, MANY
from .drain import DRAIN
from .echo import ECHO, LARGE
from .frames import FRAMES
from .half_close import HALF_CLOSE
from .idle import IDLE
from .lines import LINES
from .slow import SLOW_READER

STAGES: tuple[Stage, ...] = (
    ECHO,
    LARGE,
    TWO_CLIENTS,
    LINES,
    FRAMES,
    HALF_CLOSE,
    IDLE,
    SLOW_READER,
    MANY,
    FULL,
    DRAIN,
    CHAT,
)
