"""The stages on files find what each wrong server gets wrong, and let a right one pass.

As in test_stages.py, a wrong server passes every case ahead of its own. Here they are programs.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cutaway.grade.player import Subject, check
from cutaway.grade.verdict import CheckResult, Verdict
from cutaway.process import Command
from cutaway.topics.http1.stages import STAGES

ROOT = Path(__file__).parents[3]
NAMED = {stage.slug: stage for stage in STAGES}
FILES = ("files", "conditional", "ranges", "compression")

WRONG = [
    ("StoresText", "files", "what is PUT comes back octet for octet"),
    ("WritesOver", "files", "a shorter file replaces a longer one whole"),
    ("AlwaysCreated", "files", "a shorter file replaces a longer one whole"),
    ("LooksForDotsEncoded", "files", "a name is decoded once"),
    ("TrustsPaths", "files", "/files/..%2foutside.txt is refused"),
    ("CutsNamesAtNul", "files", "NUL does not end a name"),
    ("FollowsLinks", "files", "a symbolic link that leads outside is not followed"),
    ("TagsWithoutQuotes", "conditional", "a file has a strong entity tag"),
    ("TagsBySecond", "conditional", "so has other content of the same length, at once"),
    ("Sends304ABody", "conditional", "the tag that is known gets 304"),
    ("ForgetsTheTagIn304", "conditional", "a 304 says the tag"),
    ("ComparesNoneStrongly", "conditional", "W/ in front of the tag makes no difference to "
     "If-None-Match"),
    ("ComparesText", "conditional", "W/ in front of the tag makes no difference to If-None-Match"),
    ("ComparesMatchWeakly", "conditional", "If-Match takes no weak tag"),
    ("EndIsExclusive", "ranges", "both ends of a range count"),
    ("SuffixIsAnEnd", "ranges", "a minus in front counts from the end"),
    ("NegativeSlices", "ranges", "more from the end than there is means all"),
    ("IgnoresUnits", "ranges", "another unit counts something else"),
    ("LetsIntReadRanges", "ranges", "bytes=+2-5 is no range"),
    ("CutsRangesTo64Bits", "ranges", "a last position beyond 64 bits is the end"),
    ("ComparesIfRangeWeakly", "ranges", "If-Range with the tag made weak gets the whole"),
    ("IgnoresIfRange", "ranges", "If-Range with another tag gets the whole"),
    ("PartsForHead", "ranges", "HEAD has no ranges"),
    ("ForgetsWeights", "compression", "gzip;q=0 excludes it"),
    ("FindsGzipAnywhere", "compression", "a coding with gzip in its name is another one"),
    ("SaysNoVary", "compression", "the compressed form says Vary"),
    ("OneTagForBoth", "compression", "the compressed form has a tag of its own"),
    ("CompressesParts", "compression", "a range is a part of the form that is sent"),
    ("OneAtATime", "many-clients", "fifty clients at once are served"),
    ("ChecksFirst", "many-clients", "of twenty writers with one tag one succeeds"),
    ("ReadsFilesWhole", "many-clients", "a large file to a slow reader does not lie in memory"),
]  # fmt: skip


def graded(name: str, slug: str, cases: tuple[str, ...] = ()) -> CheckResult:
    """That stage; with `cases` only those and what stands before the last of them."""
    stage = NAMED[slug]
    if cases:
        last = max([case.name for case in stage.cases].index(case) for case in cases)
        stage = replace(stage, cases=stage.cases[: last + 1])
    words = (sys.executable, "-m", "tests.topics.http1.keeper", name)
    return check("http1", [stage], Subject(command=Command(ROOT, words)), seed=1)


def failed(result: CheckResult) -> list[str]:
    return [case.name for stage in result.stages for case in stage.failed]


@pytest.mark.parametrize("slug", FILES)
def test_a_right_server_passes(slug: str) -> None:
    result = graded("Keeper", slug)
    assert not failed(result), result
    verdicts = {case.verdict for stage in result.stages for case in stage.cases}
    assert verdicts <= {Verdict.PASS, Verdict.SKIPPED, Verdict.INCONCLUSIVE}


@pytest.mark.parametrize(("name", "slug", "case"), WRONG, ids=[name for name, _, _ in WRONG])
def test_a_wrong_server_fails_first_where_it_is_wrong(name: str, slug: str, case: str) -> None:
    result = graded(name, slug, (case,))
    assert failed(result)[:1] == [case], result


@pytest.mark.parametrize(
    ("name", "slug", "case"),
    [
        ("LimitsEachRead", "slow-clients", "a head that drips in is ended"),
        ("LimitsTheConnection", "slow-clients", "a body that takes six seconds is taken"),
        ("Keeper", "drain", "without clients the program exits"),
        ("ExitsAtOnce", "drain", "a request in flight is answered whole"),
        ("ExitsAtOnce", "drain", "an answer that is half sent is finished"),
        ("ExitsAtOnce", "drain", "and a file that is half there is stored"),
    ],
)
def test_a_server_that_is_wrong_about_time_fails_that_case(name: str, slug: str, case: str) -> None:
    stage = NAMED[slug]
    alone = replace(stage, cases=tuple(one for one in stage.cases if one.name == case))
    words = (sys.executable, "-m", "tests.topics.http1.keeper", name)
    assert failed(check("http1", [alone], Subject(command=Command(ROOT, words)), seed=1)) == [case]
