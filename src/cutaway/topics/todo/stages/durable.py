"""What was answered is there, whoever is killed.

    writers ─▶ program ─▶ store      SIGKILL of the program, or of the store
                                     everything that was answered with 201 is there

Left out: the store's own promise. Topic cache is about that.
"""

from ....grade.drastic import kill, restart
from ....grade.promptly import until
from ....grade.stage import ONCE, Stage, case
from ....grade.steps import expect, send
from ...http1.codec import Caller
from .. import rules
from .messages import CACHE, PATIENT, STORE, changed, created, get, shows, titles
from .steps import acknowledged, dies, starts

ANSWERS = (send(get("/todos")), expect(status=200))

STAGE = Stage(
    name="todo/durable",
    title="whoever is killed, what was answered is there",
    asks="Keep nothing in the program that is not in the store before the answer.",
    given="The store has on disk what it acknowledged. It is started again at the same address.",
    goals=(
        "act: answer when the store has answered, not before",
        "recover: connect again by yourself, without losing a request for an old connection",
    ),
    hints=(
        "Your program was started again. What does it know that is not in the store?",
        "Counters, keys and lists all belong there. Write what belongs together in one transaction: "
        "a crash comes between two commands. When a connection has ended, make a new one for the next "
        "question.",
        "MULTI; SET todos:last 42; ZADD todos 42 ID; SET todo:ID …; EXEC, then 201",
    ),
    codec=Caller,
    parts=(STORE, CACHE),
    environment=PATIENT,
    ways=ONCE,
    cases=(
        case(
            "a program that is started again knows all of it",
            rules.KILLED,
            *created("a", "milk"),
            *changed("a", "bread", True),
            *created("b", "beer"),
            kill(),
            restart(),
            *shows("a", title="bread", done=True),
            *created("c", "tea"),
            send(get("/todos")),
            expect(status=200, body=titles("bread", "beer", "tea")),
            alone=True,
        ),
        case(
            "the program is killed while it writes",
            rules.KILLED,
            acknowledged(60, kill(), restart()),
            alone=True,
        ),
        case(
            "the store is killed and comes back",
            rules.STORE_KILLED,
            *created("a", "milk"),
            dies("store"),
            send(get("/todos")),
            expect(status=503),
            starts("store"),
            until(5.0, *ANSWERS),
            *shows("a", title="milk"),
            alone=True,
        ),
        case(
            "the store is killed while the program writes",
            rules.STORE_KILLED,
            acknowledged(60, dies("store"), starts("store"), until(5.0, *ANSWERS)),
            alone=True,
        ),
    ),
)
