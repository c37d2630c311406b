"""JUnit XML, read back by a parser that is not ours."""

from xml.etree import ElementTree

from cutaway.grade.reports.junit import render
from cutaway.grade.reports.terminal import case_report
from tests.grade.reports import sample


def test_a_stage_is_a_suite_and_a_case_is_a_test() -> None:
    root = ElementTree.fromstring(render(sample.RESULT))
    assert root.attrib == {
        "name": "http1",
        "time": "2.500",
        "tests": "7",
        "failures": "2",
        "errors": "1",
        "skipped": "2",
    }
    assert [
        (suite.get("name"), [(test.get("name"), [e.tag for e in test]) for test in suite[1:]])
        for suite in root
    ] == [
        ("http1/request-line", [("a target is read", []), ("a kill loses nothing", ["skipped"])]),
        (
            "http1/pipelining",
            [
                ("the connection goes on", []),
                ("close means close: what follows goes unanswered", ["failure"]),
                ("two requests in one write are two requests", ["failure"]),
                ("curl reads the answer", ["error"]),
            ],
        ),
        ("http1/frames", [("lengths are kept", ["skipped"])]),
    ]


def test_the_counts_of_the_suites_add_up_to_those_of_the_whole() -> None:
    root = ElementTree.fromstring(render(sample.RESULT))
    for count in ("tests", "failures", "errors", "skipped"):
        assert sum(int(suite.attrib[count]) for suite in root) == int(root.attrib[count])


def test_a_failure_carries_the_report_of_the_terminal() -> None:
    failure = ElementTree.fromstring(render(sample.RESULT)).find(".//failure")
    assert failure is not None
    assert failure.attrib == {
        "type": "closed",
        "message": "close means close: what follows goes unanswered: "
        "expected the connection to close here, found 43 more bytes",
    }
    assert failure.text == case_report(sample.FAILS, sample.CLOSES_NOT)


def test_what_was_not_decided_says_why() -> None:
    root = ElementTree.fromstring(render(sample.RESULT))
    assert [(e.tag, e.get("message")) for e in root.iter() if e.tag in ("error", "skipped")] == [
        ("skipped", "needs a program that the check starts itself"),
        ("error", "curl is not on this machine"),
        ("skipped", "needs the address of $FRAMES_PORT"),
    ]


def test_the_seed_is_a_property() -> None:
    properties = ElementTree.fromstring(render(sample.RESULT)).iter("property")
    assert {(p.get("name"), p.get("value")) for p in properties} == {("seed", "7")}


def test_hostile_text_stays_text() -> None:
    text = render(sample.hostile())
    root = ElementTree.fromstring(text)
    assert "]]>" not in text
    assert {e.tag for e in root.iter()} == {
        "testsuites",
        "testsuite",
        "properties",
        "property",
        "testcase",
        "failure",
        "error",
        "skipped",
    }
    assert "]]> <b>&amp;</b>" in str(root.get("name"))
