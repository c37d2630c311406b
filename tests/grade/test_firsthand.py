"""What a command by hand needs first: files where the program looks, and a tag of its own."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cutaway.grade.byhand import USUAL, Act
from cutaway.grade.firsthand import FOLDER, asked_anew, first_steps, laid
from cutaway.grade.running import Subject
from cutaway.grade.steps import expect, send
from cutaway.process import Command
from tests.grade.toy import one, stage

ASK = Act("main", "send", b"GET /a\r\n")
CONNECT = Act("main", "connect")


def play_of(tmp_path: Path, *acts: Act, **options: Any) -> Any:
    command = Command(tmp_path, ("./server",))
    subject = Subject(command=command, variables=("PORT", "DATA_DIR"))
    case = one(send(b"GET /a\r\n"), expect(keep={"tag": "header etag"}), **options)
    return SimpleNamespace(
        running=SimpleNamespace(subject=subject),
        stage=stage(case),
        case=case,
        acts=list(acts),
        kept={"tag": b'"12-34"'},
        lines={},
    )


def test_the_files_of_a_case_are_laid_and_the_program_is_started(tmp_path: Path) -> None:
    links = {"link": "{outside}"}
    play = play_of(tmp_path, laid("big", size=9), files={"a.txt": b"alpha\n"}, links=links)
    assert first_steps(play).splitlines() == [
        f"mkdir -p {FOLDER}; echo outside > /tmp/outside.txt; printf 'alpha\\n' > {FOLDER}/a.txt;"
        f" ln -s /tmp/outside.txt {FOLDER}/link; head -c 9 /dev/zero > {FOLDER}/big",
        f"PORT=8080 DATA_DIR={FOLDER} ./server &",
    ]


def test_a_server_that_runs_already_needs_no_start(tmp_path: Path) -> None:
    play = play_of(tmp_path)
    play.running.subject = Subject(target={"PORT": ("127.0.0.1", 80)})
    assert first_steps(play) == ""


def test_a_tag_is_asked_for_and_not_the_one_of_this_run(tmp_path: Path) -> None:
    again = Act("main", "send", b'If-Match: "12-34"\r\n')
    asks, then = asked_anew(play_of(tmp_path, CONNECT, ASK, again), "main", USUAL, ()).split("\n")
    assert asks == (
        "tag=$( (printf 'GET /a\\r\\n'; sleep 1) | nc -w 2 127.0.0.1 8080 | tr -d '\\r'"
        " | sed -n 's/^[Ee][Tt][Aa][Gg]: *//p' | tail -n 1)"
    )
    assert then == ("(printf 'If-Match: '\"$tag\"'\\r\\n'; sleep 1) | nc -w 2 127.0.0.1 8080 | xxd")


def test_where_nothing_kept_is_sent_the_command_is_as_always(tmp_path: Path) -> None:
    told = asked_anew(play_of(tmp_path, CONNECT, ASK), "main", USUAL, ())
    assert told == "(printf 'GET /a\\r\\n'; sleep 1) | nc -w 2 127.0.0.1 8080 | xxd"


def test_what_several_answers_had_is_asked_for_once_and_taken_out_of_them(tmp_path: Path) -> None:
    answer = b'HTTP/1.1 201\r\nLocation: /%b\r\nETag: "%b-1234"\r\n\r\n'
    uses = Act("main", "send", b'PUT /second\r\nIf-Match: "second-1234"\r\n')
    play = play_of(tmp_path, CONNECT, ASK, ASK, uses)
    keep = {"b": "header location", "b tag": "header etag"}
    play.case = one(send(b"GET /a\r\n"), expect(), send(b"GET /a\r\n"), expect(keep=keep))
    play.kept = {"b": b"/second", "b tag": b'"second-1234"'}
    came = answer % (b"first", b"first") + answer % (b"second", b"second")
    play.lines = {"main": SimpleNamespace(data=lambda: came)}
    said, place, tag, then = asked_anew(play, "main", USUAL, ()).split("\n")
    assert said.startswith("said=$( (printf 'GET /a\\r\\n'; ")
    assert place.startswith("b=$(printf '%s\\n' \"$said\" | sed -n 's/^[Ll][Oo]")
    assert place.endswith(" | sed -n 2p)")
    assert tag.startswith("b_tag=$(")
    assert "'PUT '\"$b\"'\\r\\nIf-Match: '\"$b_tag\"'\\r\\n'" in then


def test_what_a_later_answer_had_is_said_as_it_was(tmp_path: Path) -> None:
    play = play_of(tmp_path, CONNECT, ASK, Act("main", "send", b"later-5678, first-1234"))
    play.case = one(expect(keep={"first": "header etag"}), expect(keep={"later": "header etag"}))
    play.kept = {"first": b"first-1234", "later": b"later-5678"}
    came = b"ETag: first-1234\r\n\r\nETag: later-5678\r\n\r\n"
    play.lines = {"main": SimpleNamespace(data=lambda: came)}
    told = asked_anew(play, "main", USUAL, ())
    assert told.startswith("first=$(")
    assert "later-5678, '\"$first\"''" in told
