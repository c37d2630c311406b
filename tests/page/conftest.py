"""The page as somebody has it: `cutaway up` as a program, and the system's Chromium.

    def test_…(page):              a tab that has opened the machine; at the end it must have asked
        page.locator(…)            nobody else for anything, and its console must be empty

All tests of this folder share one machine: each leaves it as it found it.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed: run `make test`")

from playwright.sync_api import Page, expect, sync_playwright

from tools import frontend

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = "apt install chromium"
START = 60.0  # seconds
AXE = frontend.ROOT / "frontend/node_modules/axe-core/axe.min.js"

expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items):
    """They are slow to begin: two programs, ten processes."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.real)
            item.add_marker(pytest.mark.timeout(240))


@pytest.fixture(scope="session")
def built():
    """The page as its sources are now."""
    if not frontend.is_fresh() or not AXE.is_file():
        try:
            frontend.build()
        except frontend.CannotBuild as problem:
            if os.environ.get("CI") == "true":
                pytest.fail(f"the page is not built: {problem}", pytrace=False)
            pytest.skip(f"the page is not built: {problem}")


@contextmanager
def up(*words, folder):
    """A machine, and the address that it prints. Ctrl-C ends it, and leaves nothing."""
    command = [sys.executable, "-m", "cutaway", "up", "--no-open", "--port", "0", *words]
    environment = os.environ | {"CUTAWAY_HOME": str(folder / "progress"), "PYTHONUNBUFFERED": "1"}
    out = (folder / "printed").open("w+")
    program = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT
    )
    try:
        yield address_of(program, folder / "printed")
    finally:
        program.send_signal(signal.SIGINT)
        try:
            status = program.wait(60)
        finally:
            program.kill()
            out.close()
    assert status == 130, (folder / "printed").read_text()


def address_of(program, printed):
    until = time.monotonic() + START
    while time.monotonic() < until and program.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", printed.read_text()):
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"no address was printed:\n{printed.read_text()}")


# Says hello to whatever is asked.
MINE = """
import os, socket
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True:
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(5)
        came = b""
        try:
            while b"\\r\\n\\r\\n" not in came and (more := connection.recv(65536)):
                came += more
            connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello")
        except OSError:
            pass
"""


@pytest.fixture(scope="session")
def machine(built, tmp_path_factory):
    """The address of one. Where it was started there is a project that does not get far."""
    folder = tmp_path_factory.mktemp("machine")
    mine = folder / "mine"
    mine.mkdir()
    (mine / "server.py").write_text(MINE)
    (mine / "cutaway.toml").write_text(f'topic = "http1"\nrun = "{sys.executable} server.py"\n')
    with up("--rate", "15", folder=folder) as address:
        yield address


@pytest.fixture(scope="module")
def chromium(require_tool):
    """Not for longer than a file: where it waits, an event loop runs that other tests would meet."""
    found = next(filter(None, map(shutil.which, NAMES)), None) or require_tool("chromium", ADVICE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield browser
        browser.close()


@contextmanager
def tab(chromium, address, **options):
    """A browser of its own, so to speak, at the machine's page."""
    options.setdefault("viewport", {"width": 1280, "height": 800})
    context = chromium.new_context(**options)
    context.set_default_timeout(20_000)
    page = context.new_page()
    wrong, here = [], address.split("/?")[0]
    page.on("console", lambda said: wrong.append(said.text) if is_wrong(said) else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda ask: None if ours(ask.url, here) else wrong.append(ask.url))
    page.goto(address)
    try:
        yield page
    finally:
        context.close()
    assert not wrong


def is_wrong(said):
    """Not the browser's own note that an answer was 4xx: a Problem is shown, and looked for."""
    return (
        said.type in ("error", "warning")
        and "the server responded with a status of 4" not in said.text
    )


def ours(url, here):
    return url.startswith((f"{here}/", "data:", "blob:"))


@pytest.fixture
def page(chromium, machine) -> Page:
    with tab(chromium, machine) as page:
        yield page


def at(page: Page, place: str) -> None:
    """Go to an address within the page."""
    page.evaluate("place => { location.hash = place }", f"#/{place}")


def asked(page: Page, path: str, body=None):
    """What the program answers to this page."""
    return page.evaluate(
        """async ([path, body]) => {
          const said = body === null ? {} : { method: "POST", body: JSON.stringify(body) };
          return (await fetch("/api/" + path, said)).json();
        }""",
        [path, body],
    )


def violations(page: Page) -> list[str]:
    """What axe finds, a line each."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{one['id']}: {one['help']}: {node['html'][:160]}"
        for one in found
        for node in one["nodes"]
    ]
