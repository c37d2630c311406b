"""The stages let a plain right server pass, and find what each wrong one gets wrong.

A wrong server has to pass every case ahead of its own, so that the first thing a learner reads is
about the fault and not about its consequences.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from cutaway.grade.player import Subject, check
from cutaway.grade.verdict import CheckResult, Verdict
from cutaway.topics.http1.stages import STAGES
from tests.topics.http1.plain import Fields, Plain, Refuse, served, values

SLUGS = [stage.slug for stage in STAGES]


class CountsCharacters(Plain):
    def counted(self, content: bytes) -> bytes:
        return b"%d" % len(content.decode("utf-8", "replace"))


class DecodesFirst(Plain):
    def segments(self, target: bytes) -> list[bytes]:
        return self.decode(target.partition(b"?")[0]).split(b"/")[1:]


class DecodesTwice(Plain):
    def decode(self, text: bytes) -> bytes:
        return super().decode(super().decode(text))


class DecodesLikeAForm(Plain):
    def decode(self, text: bytes) -> bytes:
        return super().decode(text.replace(b"+", b" "))


class SendsHeadABody(Plain):
    def write(self, head: bytes, content: bytes) -> None:
        self.sock.sendall(head + content)


class CountsWhatHeadSends(Plain):
    def counted(self, content: bytes) -> bytes:
        return b"0" if self.method == b"HEAD" else super().counted(content)


class HasNoClock(Plain):
    def dated(self) -> Fields:
        return []


class WritesDatesItsOwnWay(Plain):
    def dated(self) -> Fields:
        return [(b"Date", b"2026-11-21T02:00:00Z")]


class HasOneAllowForAll(Plain):
    def answer(self, status: int, fields: Fields, content: bytes, chunks: bool = False) -> None:
        fields = [(name, b"GET, HEAD" if name == b"Allow" else value) for name, value in fields]
        super().answer(status, fields, content, chunks)


class SendsAnEmptyType(Plain):
    def answer(self, status: int, fields: Fields, content: bytes, chunks: bool = False) -> None:
        if not values([(name.lower(), value) for name, value in fields], b"content-type"):
            fields = [*fields, (b"Content-Type", b"")]
        super().answer(status, fields, content, chunks)


class KeepsTheLastOfAName(Plain):
    def head(self) -> tuple[bytes, bytes, int, Fields]:
        method, target, minor, fields = super().head()
        return method, target, minor, list(dict(fields).items())


class TrimsAllWhiteSpace(Plain):
    def field(self, line: bytes) -> tuple[bytes, bytes]:
        name, value = super().field(line)
        return name, value.decode("latin-1").strip().encode("latin-1")


class ForgetsWhatIsLeft(Plain):
    def answer(self, status: int, fields: Fields, content: bytes, chunks: bool = False) -> None:
        super().answer(status, fields, content, chunks)
        self.buffer = b""


class NeverCloses(Plain):
    def persists(self, minor: int, fields: Fields) -> bool:
        return minor > 0


class LooksForCloseAnywhere(Plain):
    def persists(self, minor: int, fields: Fields) -> bool:
        said = b",".join(values(fields, b"connection")).lower()
        return minor > 0 and b"close" not in said


class ReadsTheFirstConnectionLine(Plain):
    def persists(self, minor: int, fields: Fields) -> bool:
        return (
            super().persists(minor, fields[: 1 + [n for n, _ in fields].index(b"connection")])
            if (values(fields, b"connection"))
            else super().persists(minor, fields)
        )


class KeepsOldClients(Plain):
    def persists(self, minor: int, fields: Fields) -> bool:
        return super().persists(1, fields)


class KnowsNoEmptyLines(Plain):
    def request_line(self) -> bytes:
        return self.line(16384, 414)


class TakesOneReadForABody(Plain):
    def exactly(self, count: int) -> bytes:
        if not self.buffer:
            self.fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data


class TakesBodiesForText(Plain):
    def exactly(self, count: int) -> bytes:
        return super().exactly(count).decode("utf-8", "replace").encode()


class LeavesBodiesUnread(Plain):
    def body(self, minor: int, fields: Fields) -> bytes:
        return super().body(minor, fields) if self.method == b"POST" else b""


class CutsLengthsTo32Bits(Plain):
    def length(self, value: bytes) -> int:
        return super().length(value) & 0xFFFFFFFF


class ReadsSizesAsDecimal(Plain):
    def size(self, line: bytes) -> int:
        return int((re.match(rb"[0-9]+", line) or [b"0"])[0])


class KnowsNoExtensions(Plain):
    def size(self, line: bytes) -> int:
        if b";" in line:
            raise Refuse(400)
        return super().size(line)


class KnowsNoTrailers(Plain):
    def trailers(self) -> None:
        self.exactly(2)


class SendsOneChunk(Plain):
    def pieces(self, content: bytes) -> list[bytes]:
        return [content] if content else []


class ChunksForAll(Plain):
    def answer(self, status: int, fields: Fields, content: bytes, chunks: bool = False) -> None:
        super().answer(status, fields, content, chunks or content.startswith(b"chunk 0"))


class NeverInvites(Plain):
    def invite(self, minor: int, fields: Fields) -> None:
        pass


class InvitesFirst(Plain):
    def body(self, minor: int, fields: Fields) -> bytes:
        self.invite(minor, fields)
        return super().body(0 if not values(fields, b"transfer-encoding") else minor, fields)


class PrefersLengths(Plain):
    def body(self, minor: int, fields: Fields) -> bytes:
        if values(fields, b"content-length"):
            fields = [field for field in fields if field[0] != b"transfer-encoding"]
        return super().body(minor, fields)


class TakesTheFirstLength(Plain):
    def body(self, minor: int, fields: Fields) -> bytes:
        lengths = [field for field in fields if field[0] == b"content-length"]
        return super().body(minor, [f for f in fields if f not in lengths] + lengths[:1])


class LetsIntReadLengths(Plain):
    def length(self, value: bytes) -> int:
        try:
            return int(value)
        except ValueError:
            raise Refuse(400) from None


class LetsIntReadSizes(Plain):
    def size(self, line: bytes) -> int:
        try:
            return int(line.partition(b";")[0], 16)
        except ValueError:
            raise Refuse(400) from None


class FindsChunkedAnywhere(Plain):
    def body(self, minor: int, fields: Fields) -> bytes:
        coding = b"transfer-encoding"
        return super().body(
            minor, [(n, b"chunked" if n == coding and b"chunked" in v else v) for n, v in fields]
        )


class TrustsChunkSizes(Plain):
    def chunked(self) -> bytes:
        body = b""
        while size := self.size(self.line(4096, 400)):
            if len(body) + size > 32 << 20:
                raise Refuse(413)
            body += self.exactly(size)
            self.exactly(2)
        self.trailers()
        return body


class TrimsNames(Plain):
    def field(self, line: bytes) -> tuple[bytes, bytes]:
        name, colon, value = line.partition(b":")
        return super().field(name.rstrip() + colon + value)


class NeedsNoHost(Plain):
    def check_host(self, minor: int, fields: Fields) -> None:
        super().check_host(0, fields)


class GoesOnAfterRefusals(Plain):
    def goes_on_after(self, status: int) -> bool:
        return status == 400


WRONG = [
    (CountsCharacters, "paths", "what is percent-encoded comes back as octets"),
    (DecodesFirst, "paths", "an encoded slash is part of the word"),
    (DecodesTwice, "paths", "decoding is done once"),
    (DecodesLikeAForm, "paths", "a plus sign is no space"),
    (SendsHeadABody, "paths", "nothing follows the blank line of an answer to HEAD"),
    (CountsWhatHeadSends, "paths", "the length in an answer to HEAD is that of GET"),
    (KeepsTheLastOfAName, "headers", "a repeated field keeps its values, in order"),
    (TrimsAllWhiteSpace, "headers", "octets beyond ASCII come back as they were"),
    (ForgetsWhatIsLeft, "stream", "two requests in one write are two requests"),
    (NeverCloses, "keep-alive", "close means close: what follows goes unanswered"),
    (ReadsTheFirstConnectionLine, "keep-alive", "close may stand on the second Connection line"),
    (LooksForCloseAnywhere, "keep-alive", "an option with close inside it is another option"),
    (KeepsOldClients, "keep-alive", "HTTP/1.0 closes after its answer"),
    (KnowsNoEmptyLines, "keep-alive", "an empty line ahead of a request is ignored"),
    (TakesOneReadForABody, "bodies", "a body may come after its head"),
    (TakesBodiesForText, "bodies", "each of the 256 octets comes back"),
    (LeavesBodiesUnread, "bodies", "the body of a GET is no request"),
    (CutsLengthsTo32Bits, "bodies", "a length that 32 bits cannot hold, too"),
    (HasNoClock, "headers", "an answer says when it was made"),
    (WritesDatesItsOwnWay, "headers", "an answer says when it was made"),
    (HasOneAllowForAll, "bodies", "GET of /echo is 405, and Allow lists POST"),
    (
        SendsAnEmptyType,
        "bodies",
        "where no Content-Type came none comes back, or a whole one",
    ),
    (ReadsSizesAsDecimal, "chunked", "a size is hexadecimal, in capitals"),
    (KnowsNoExtensions, "chunked", "an extension is ignored"),
    (KnowsNoTrailers, "chunked", "the message ends behind its trailer fields"),
    (SendsOneChunk, "chunked", "three chunks are answered, and their end is marked"),
    (ChunksForAll, "chunked", "an HTTP/1.0 client gets no chunks"),
    (NeverInvites, "expect-continue", "100 comes before the body"),
    (InvitesFirst, "expect-continue", "413 comes instead of 100"),
    (PrefersLengths, "refusals", "behind Content-Length and Transfer-Encoding nothing is answered"),
    (TakesTheFirstLength, "refusals", "two lengths that differ"),
    (LetsIntReadLengths, "refusals", "a length with a plus sign"),
    (FindsChunkedAnywhere, "refusals", "chunked that is not the last"),
    (LetsIntReadSizes, "refusals", "a chunk size with a plus sign"),
    (TrustsChunkSizes, "refusals", "two other octets where CR LF should be"),
    (TrimsNames, "refusals", "a space between name and colon"),
    (NeedsNoHost, "refusals", "no Host"),
    (
        GoesOnAfterRefusals,
        "refusals",
        "behind Content-Length and Transfer-Encoding nothing is answered",
    ),
]


def graded(kind: type[Plain], slug: str, last: str | None = None) -> CheckResult:
    """The stages up to `slug`, its cases only up to the one named `last`."""
    stages = list(STAGES[: SLUGS.index(slug) + 1])
    if last is not None:
        names = [case.name for case in stages[-1].cases]
        cases = stages[-1].cases[: names.index(last) + 1]
        stages[-1] = replace(stages[-1], cases=cases)
    with served(kind) as address:
        # One after the other: this server knows one client at a time.
        results = [
            check("http1", [stage], Subject(target={"PORT": address}), seed=1) for stage in stages
        ]
    return replace(results[0], stages=tuple(stage for r in results for stage in r.stages))


def failures(result: CheckResult) -> list[str]:
    return [
        f"{stage.name} · {case.name}: {case.failure}"
        for stage in result.stages
        for case in stage.failed
    ]


def test_a_server_for_one_client_at_a_time_passes() -> None:
    result = graded(Plain, "refusals")
    assert not failures(result)
    assert {case.verdict for stage in result.stages for case in stage.cases} <= {
        Verdict.PASS,
        Verdict.INCONCLUSIVE,
    }


@pytest.mark.parametrize(
    ("kind", "slug", "name"), WRONG, ids=[f"{kind.__name__}" for kind, _, _ in WRONG]
)
def test_a_wrong_server_fails_first_where_it_is_wrong(
    kind: type[Plain], slug: str, name: str
) -> None:
    result = graded(kind, slug, name)
    failed = [(s.name, c.name) for s in result.stages for c in s.failed]
    assert failed == [(f"http1/{slug}", name)], "\n".join(failures(result))


@pytest.mark.parametrize("slug", ["paths", "stream"])
def test_content_behind_an_answer_to_head_is_told_as_content(slug: str) -> None:
    stage = STAGES[SLUGS.index(slug)]
    about = tuple(case for case in stage.cases if case.rule.section == "RFC 9110 §9.3.2")
    with served(SendsHeadABody) as address:
        subject = Subject(target={"PORT": address})
        result = check("http1", [replace(stage, cases=about)], subject, seed=1)
    for case in result.stages[0].cases:
        assert case.failure is not None, case.name
        assert case.failure.found.startswith('content: "')
        assert case.failure.because.startswith("RFC 9110 §9.3.2: ")


def test_cases_of_a_stage_have_names_of_their_own() -> None:
    for stage in STAGES:
        names = [case.name for case in stage.cases]
        assert len(set(names)) == len(names), stage.name
