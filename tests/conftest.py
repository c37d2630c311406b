"""What every test may ask for, and the order they run in.

A test of another program's behaviour asks for the program by name:

    def test_curl_reads_a_chunked_answer(require_tool):
        curl = require_tool("curl", "apt install curl")

and is skipped with that advice where it is missing. With CI=true in the environment a missing
program is a failure: a check that silently does not run is no check. `require_module` does the same
for a server that comes as a wheel.

Quick tests run before slow ones, so that a plain mistake shows in the first seconds. Of the slow ones
those that take longest come first: the others fill what the processors have left beside them, and no
processor waits in the end for the last one.
"""

import importlib.util
import os
import shutil
import signal
from collections.abc import Callable

import pytest

# A shell that runs this in the background has SIGINT ignored, and programs inherit that: those that
# are tested with Ctrl-C would not hear it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The order of the marks; a test with several goes by the first of them. No mark comes before all.
ORDER = ("solutions", "real", "slow", "alone", "soak")

# Files and folders whose tests share what is dear: programs that all play at once, libraries that are
# fetched, a whole machine and a browser. In several processes it would be paid for in each.
TOGETHER = (
    "tests/page/",
    "tests/real/test_real_proxies.py",
    "tests/real/test_cache_clients.py",
    "tests/real/test_swaps.py",
    "tests/system/test_moved.py",
    "tests/web/test_hunt.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=turn)  # stable: within one mark, the order of the files


def turn(item: pytest.Item) -> int:
    marks = {mark.name for mark in item.iter_markers()}
    return next((number for number, mark in enumerate(ORDER, 1) if mark in marks), 0)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Tests one by one to whoever is free, those of TOGETHER together and first.

    The mark xdist_group would say so beside the tests, but xdist 3.8 writes it where pytest 9 does not
    look any more.
    """
    from xdist.scheduler import LoadScopeScheduling

    class FilesTogether(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)

    return FilesTogether(config, log)


def missing(what: str, advice: str) -> None:
    message = f"{what} is not on this machine: {advice}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="session")
def require_tool() -> Callable[[str, str], str]:
    """The path of a program, or a skip (with CI=true a failure) that says how to get it."""

    def require(name: str, advice: str) -> str:
        path = shutil.which(name)
        if path is None:
            missing(name, advice)
        return str(path)

    return require


@pytest.fixture(scope="session")
def require_module() -> Callable[[str, str], None]:
    """Nothing, or a skip (with CI=true a failure) when a Python module cannot be found."""

    def require(name: str, advice: str = "run `make test`, which installs it") -> None:
        if importlib.util.find_spec(name) is None:
            missing(f"the module {name}", advice)

    return require
