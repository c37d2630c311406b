"""`cutaway lesson`: a topic's lesson, and the questions about it."""

from cutaway.workshop import catalog


def test_a_lesson_leads_to_its_questions(typed):
    status, out, err = typed("lesson http1")
    assert (status, err) == (0, "")
    assert "`cutaway lesson http1 --recall`" in out


def test_off_a_terminal_each_answer_follows_its_question(typed):
    status, out, err = typed("lesson http1 --recall")
    assert (status, err) == (0, "")
    cards = catalog.topic("http1").cards
    words = " ".join(out.split())
    places = [words.index(" ".join(text.split())) for c in cards for text in (c.ask, c.answer)]
    assert places == sorted(places)
    assert out.startswith(f"1 of {len(cards)} · {cards[0].about}\n")


def test_on_a_terminal_the_answer_waits_for_enter(typed, monkeypatch, capsys):
    first, second = catalog.topic("tcp").cards[:2]
    asked = []

    def entered():
        asked.append(capsys.readouterr().out)
        if len(asked) == 2:
            raise EOFError
        return ""

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", entered)
    monkeypatch.setenv("NO_COLOR", "1")
    assert typed("lesson tcp --recall")[0] == 0
    assert first.about in asked[0]
    assert first.answer.split()[-1] not in asked[0]
    assert first.answer.split()[-1] in asked[1]
    assert second.about in asked[1]
