"""The store in trouble: gone, silent, late, and back.

    GET ─▶ program ─✗ store          503, Retry-After, in time; and the program goes on

Left out: what the proxy makes of 503. Topic proxy is about that.
"""

from ....grade.linked import over
from ....grade.matchers import PRESENT
from ....grade.passing import back, cuts, gone
from ....grade.promptly import until, within
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import expect, pause, send
from ....net.relay import CLEAR, Link
from ...http1.codec import Caller, Request
from .. import rules
from .messages import (
    CACHE,
    PROBLEM_TYPE,
    STORE,
    changed,
    created,
    get,
    post,
    problem,
    put,
    request,
    shows,
    titles,
)

SILENT = over("store", Link(stalled=True))


def unavailable(message: Request) -> tuple[Step, ...]:
    fields = {"content-type": PROBLEM_TYPE, "retry-after": PRESENT}
    return (send(message, fill=True), expect(status=503, header=fields, body=problem(503)))


def all_of(*steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(step for each in steps for step in each)


ALL = all_of(
    unavailable(get("/todos")),
    unavailable(get("/todos/nothing")),
    unavailable(post({"title": "bread"})),
    unavailable(put("{a}", "bread", False)),
    unavailable(request("DELETE", "{a}")),
    unavailable(get("/health")),
)

STAGE = Stage(
    name="todo/store-trouble",
    title="a store that is gone, silent or late",
    asks="Say 503 in time when the store cannot be asked, and go on as soon as it can.",
    given="STORE_MS is 500 here. 503 has Retry-After and comes within a second of that time. What does "
    "not need the store is answered as ever. The store is used again within 3 s of its return, and a "
    "connection that was cut while it was idle costs nobody an answer.",
    goals=(
        "bound it: one limit of time for all that a request asks the store",
        "answer: 503 with Retry-After",
        "recover: close a connection on which an answer is owed; connect again at the next question",
    ),
    hints=(
        "Who reads the answer that comes after you have given up?",
        "Put a limit of time around all of a request's work with the store, waiting for locks and "
        "connecting included. What was broken off leaves a connection that cannot be used again.",
        "try: with timeout(STORE_MS): …\nexcept (TimeoutError, OSError): connection.close(); return 503",
    ),
    codec=Caller,
    parts=(STORE, CACHE),
    environment={"STORE_MS": "500", "CACHE_MS": "5000"},
    ways=ONCE,
    cases=(
        case(
            "a store that refuses: 503 for whatever needs it",
            rules.STORE_GONE,
            *created("a", "milk"),
            gone("store"),
            *ALL,
            environment={"STORE_MS": "2000", "CACHE_MS": "5000"},
        ),
        case(
            "what does not need it is answered",
            rules.STORE_GONE,
            gone("store"),
            send(get("/")),
            expect(status=200),
            send(get("/nothing")),
            expect(status=404),
            send(post({"title": 7})),
            expect(status=422),
        ),
        case(
            "a silent store: 503 in time",
            rules.STORE_SLOW,
            *created("a", "milk"),
            SILENT,
            *(within(2.5, *unavailable(message)) for message in (get("/todos"), get("/health"))),
            within(2.5, *unavailable(post({"title": "bread"}))),
            within(2.5, *unavailable(put("{a}", "bread", False))),
            alone=True,
        ),
        case(
            "a hundred who wait do not wait for each other",
            rules.STORE_SLOW,
            SILENT,
            within(
                2.0,
                *(send(post({"title": "bread"}), on=f"c{number}") for number in range(100)),
                *(expect(on=f"c{number}", status=503) for number in range(100)),
            ),
            alone=True,
        ),
        case(
            "when it is back the program goes on",
            rules.STORE_BACK,
            *created("a", "milk"),
            gone("store"),
            *unavailable(get("/todos")),
            back("store"),
            until(3.0, send(get("/todos")), expect(status=200, body=titles("milk"))),
            *changed("a", "bread"),
            *shows("a", title="bread"),
        ),
        case(
            "a connection that was cut while it was idle costs nobody an answer",
            rules.STORE_BACK,
            *created("a", "milk"),
            *(cuts("store"), pause(0.2), *changed("a", "bread"), *shows("a", title="bread")) * 3,
            alone=True,
        ),
        case(
            "an answer that comes late is nobody else's",
            rules.LATE,
            *created("a", "milk"),
            *created("b", "bread"),
            send(get("/todos")),
            expect(status=200, body=titles("milk", "bread")),
            over("store", to_client=Link(latency=0.9)),
            *unavailable(get("/todos")),
            *unavailable(get("/health")),
            over("store", CLEAR),
            pause(1.0),
            *shows("a", title="milk"),
            *shows("b", title="bread"),
            send(get("/todos")),
            expect(status=200, body=titles("milk", "bread")),
            alone=True,
        ),
    ),
)
