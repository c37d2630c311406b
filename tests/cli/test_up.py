"""`cutaway up` as it is typed: the machine comes up, is reached, and leaves nothing behind."""

import http.client
import json
import os
import re
import signal
import socket
import ssl
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cutaway.process.linux import holders

pytestmark = pytest.mark.slow

WITHIN = 60


@pytest.fixture
def up(started, tmp_path):
    """Start it. `token`: what every process of it holds; `tmp`: its temporary files."""
    (tmp_path / "tmp").mkdir()

    class Up:
        token, tmp = os.urandom(8).hex(), tmp_path / "tmp"

        def __call__(self, *words):
            env = {"TMPDIR": str(self.tmp), "CUTAWAY_RUN": self.token, "BROWSER": ""}
            return started("up", *words, env=env, text=True)

        def left(self):
            """Processes and files; those that end by themselves are given time."""
            end = time.monotonic() + WITHIN / 2
            while time.monotonic() < end:
                found = holders(self.token.encode()), list(self.tmp.iterdir())
                if found == ([], []):
                    break
                time.sleep(0.05)
            return found

    return Up()


def line(program, pattern):
    """What the pattern finds in its output, as soon as it is printed."""
    for text in program.stdout:
        if found := re.search(pattern, text):
            return found
    raise AssertionError(program.stderr.read())


def ended(program, number):
    program.send_signal(number)
    out, err = program.communicate(timeout=WITHIN)
    return program.returncode, out, err


def test_without_a_page_it_tells_a_line_a_second(up):
    program = up("--headless", "--no-tls", "--rate", "30", "--json")
    lines = [json.loads(program.stdout.readline()) for _ in range(3)]
    assert ended(program, signal.SIGINT)[::2] == (130, "")
    assert up.left() == ([], [])
    last = lines[-1]
    assert last["failed"] == 0
    assert 0 < last["answered"] <= last["asked"]
    assert last["p50"] > 0
    assert last["parts"]["store"] == {"state": "up", "filling": "reference", "starts": 1}
    assert list(last["parts"]) == ["proxy", "app-1", "app-2", "cache", "store"]


def test_the_page_is_for_whoever_has_the_address(up):
    program = up("--no-open", "--port", "0")
    address = urlsplit(line(program, r"Open (\S+)")[1])
    ca, port = line(program, r"--cacert (\S+) https://localhost:(\d+)/todos").groups()

    page = http.client.HTTPConnection(address.hostname, address.port, timeout=WITHIN)
    page.request("GET", "/api/machine")
    refused = page.getresponse()
    assert (refused.status, refused.read()[:9]) == (401, b"This page")
    page.request("GET", f"{address.path}?{address.query}")
    entered = page.getresponse()
    entered.read()
    cookie = entered.headers["Set-Cookie"].partition(";")[0]
    page.request("GET", "/api/machine", headers={"Cookie": cookie})
    told = json.loads(page.getresponse().read())
    assert [part["state"] for part in told["parts"]] == ["up"] * 5

    trusted = ssl.create_default_context(cafile=ca)
    front = http.client.HTTPSConnection("localhost", int(port), timeout=WITHIN, context=trusted)
    front.request("GET", "/health")
    assert front.getresponse().status == 200
    front.close()
    assert ended(program, signal.SIGTERM)[::2] == (143, "")
    page.close()
    assert up.left() == ([], [])


def test_it_is_interrupted_while_it_starts(up):
    program = up("--no-open", "--port", "0")
    line(program, "store")
    assert ended(program, signal.SIGINT)[::2] == (130, "")
    assert up.left() == ([], [])


def test_it_is_killed_and_leaves_nothing(up):
    program = up("--headless")
    line(program, "all up")
    ended(program, signal.SIGKILL)
    assert up.left() == ([], [])


def test_a_part_that_does_not_start_is_told_with_what_it_printed(up, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "cutaway.toml").write_text(f'topic = "todo"\nrun = "{sys.executable} app.py"\n')
    (folder / "app.py").write_text("print('no such table: todos'); raise SystemExit(3)")
    program = up("--headless", "--with", f"app={folder}")
    _, err = program.communicate(timeout=WITHIN)
    assert program.returncode == 1
    assert re.match(r"cutaway: app-[12] did not start\. The program ended after .* 3\.\n", err)
    assert "  | no such table: todos\n" in err
    assert up.left() == ([], [])


def test_what_was_kept_in_a_folder_is_there_for_whatever_stands_in_the_store_next(up, tmp_path):
    home, told = tmp_path / "kept", '{"title": "still here"}'
    program = up("--headless", "--no-tls", "--rate", "0", "--home", str(home))
    assert asked(program, "POST", told)["title"] == "still here"
    (home / "keys.log").write_text("of before")
    busy = up("--headless", "--home", str(home))
    assert busy.communicate(timeout=WITHIN)[1].startswith(
        f"cutaway: Another machine runs in {home}."
    )
    assert busy.returncode == 2
    assert ended(program, signal.SIGINT)[0] == 130

    words = ("--headless", "--no-tls", "--rate", "0", "--home", str(home))
    program = up(*words, "--with", "store=valkey")
    assert [one["title"] for one in asked(program, "GET")["todos"]] == ["still here"]
    assert ended(program, signal.SIGINT)[0] == 130
    assert not (home / "keys.log").exists()
    assert json.loads((home / "store" / "holds.json").read_text())["filling"]["name"] == "valkey"
    assert up.left() == ([], [])


def asked(program, method, body=None):
    port = line(program, r"http://127.0.0.1:(\d+)/todos")[1]
    client = http.client.HTTPConnection("127.0.0.1", int(port), timeout=WITHIN)
    client.request(method, "/todos", body, {"Content-Type": "application/json"} if body else {})
    answer = json.loads(client.getresponse().read())
    client.close()
    return answer


WRONG = [
    ("--with cash=valkey", "There is no slot 'cash'. Did you mean cache?"),
    ("--with traffic=valkey", "There is no slot 'traffic'. There are: proxy, app, cache, store."),
    ("--with cache=valky", "Nothing called 'valky' can stand in cache. Did you mean valkey?"),
    (
        "--with cache=nginx",
        "Nothing called 'nginx' can stand in cache. There are: reference, valkey",
    ),
    ("--with app=reference:nope", "There is no fault 'nope' in todo."),
    ("--with app=./nowhere", "There is no cutaway.toml in nowhere."),
    ("--with app", "'app' fills no slot, which is SLOT=WHAT"),
    ("--json", "--json is for a machine without a page. Add --headless."),
    ("--rate many", "'many' is no rate, which is a number from 0 to 5000"),
    ("--rate 5001", "'5001' is no rate, which is a number from 0 to 5000"),
]


@pytest.mark.parametrize(("words", "sentence"), WRONG, ids=[words for words, _ in WRONG])
def test_what_cannot_be_is_one_sentence(words: str, sentence: str, typed) -> None:
    status, out, err = typed(f"up {words}")
    assert (status, out) == (2, "")
    assert sentence in err


def test_a_port_that_is_taken_is_one_sentence(typed) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, out, err = typed(f"up --port {taken.getsockname()[1]}")
    assert (status, out) == (2, "")
    assert "cannot be listened on: Address already in use. Name another one with --port" in err


def test_a_folder_that_cannot_be_used_is_one_sentence(typed, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    status, _, err = typed(f"up --headless --home {tmp_path / 'file'}")
    assert status == 2
    assert "cannot be used: File exists. Name another folder." in err


def test_a_disk_that_takes_nothing_more_is_one_sentence(typed, tmp_path, monkeypatch) -> None:
    def full(home):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cutaway.system.certificates.lay", full)
    status, _, err = typed(f"up --headless --home {tmp_path}")
    assert status == 1
    assert err == (
        f"cutaway: {tmp_path} cannot be written: No space left on device. Make room, or name another"
        " folder with --home.\n"
    )


def test_a_proxy_that_does_not_speak_tls_yet_is_told_how_it_can_stand_there(up, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "cutaway.toml").write_text(f'topic = "proxy"\nrun = "{sys.executable} proxy.py"\n')
    (folder / "proxy.py").write_text(
        "import os, socket\n"
        "listener = socket.create_server(('127.0.0.1', int(os.environ['PORT'])))\n"
        "while True: listener.accept()[0].close()\n"
    )
    program = up("--headless", "--with", f"proxy={folder}")
    _, err = program.communicate(timeout=WITHIN)
    assert program.returncode == 1
    assert "($TLS_PORT)" in err
    assert err.endswith("Until it speaks TLS, start the machine with --no-tls.\n")
