"""Faults of what comes in and goes out: routes, validation, tags.

    {"title": 7, "done": "yes"}  ─▶ errors: title      and done only after that is mended

Left out: faults of HTTP itself. Topic http1 has them.
"""

from __future__ import annotations

from ...planted import Change, Fault

FAULTS: tuple[Fault, ...] = (
    Fault(
        "no-allow",
        "405 does not say which methods there are.",
        "todo/create",
        (Change("routes.py", ', {b"Allow": b", ".join(allow)})', ")"),),
        "another method is 405 with Allow",
    ),
    Fault(
        "method-unknown-is-404",
        "A path that has another method is answered as if it were not there.",
        "todo/create",
        (Change("routes.py", "problem(405,", "problem(404,"),),
        "another method is 405 with Allow",
    ),
    Fault(
        "answers-too-early",
        "The to-do is written to the store after the answer, in the background.",
        "todo/create",
        (
            Change(
                "service.py",
                "        receipt = await self.repository.add(ident, kept, once, digest)\n",
                "        import asyncio\n\n"
                "        from .repository import Receipt\n\n"
                "        async def later() -> None:\n"
                "            await asyncio.sleep(0.5)\n"
                "            await self.repository.add(ident, kept, once, digest)\n\n"
                "        self.later = asyncio.ensure_future(later())\n"
                "        receipt = Receipt(digest, kept)\n",
            ),
        ),
        "a to-do is created and can be read at its place",
    ),
    Fault(
        "title-is-cleaned",
        "Signs of markup are taken out of a title when it comes in.",
        "todo/create",
        (
            Change(
                "validation.py",
                'return Draft(members["title"], members',
                'return Draft(members["title"].replace("<", "&lt;"), members',
            ),
        ),
        "a title goes back as it came",
    ),
    Fault(
        "octets-counted",
        "A title's length is counted in octets.",
        "todo/create",
        (
            Change(
                "validation.py",
                "0 < len(text) <= LONGEST_TITLE",
                '0 < len(text.encode("utf-8", "replace")) <= LONGEST_TITLE',
            ),
        ),
        "also one of 200 characters of four octets each",
    ),
    Fault(
        "id-from-title",
        "The id is made from the title: two to-dos of one title are one.",
        "todo/create",
        (
            Change(
                "service.py",
                "ident = secrets.token_urlsafe(12)",
                "ident = hashlib.sha256(draft.title.encode()).hexdigest()[:16]",
            ),
        ),
        "two to-dos of one title are two",
    ),
    Fault(
        "nan-is-taken",
        "NaN is taken for JSON, as the library does by itself.",
        "todo/validation",
        (Change("validation.py", ", parse_constant=no_number", ""),),
        "nor is what only looks like it",
    ),
    Fault(
        "deep-json-is-500",
        "Brackets within brackets end in an error that nobody foresaw.",
        "todo/validation",
        (Change("validation.py", "(ValueError, RecursionError)", "ValueError"),),
        "nor is what only looks like it",
    ),
    Fault(
        "any-media-type",
        "The media type is not looked at.",
        "todo/validation",
        (
            Change(
                "validation.py",
                'kind.partition(b";")[0].strip().lower() != b"application/json"',
                "not kind",
            ),
        ),
        "another media type is 415",
    ),
    Fault(
        "media-type-to-the-letter",
        "A media type with a parameter is taken for another one.",
        "todo/validation",
        (Change("validation.py", 'kind.partition(b";")[0].strip().lower()', "kind"),),
        "a parameter and large letters do not matter",
    ),
    Fault(
        "first-error-only",
        "Only the first wrong member is named.",
        "todo/validation",
        (Change("validation.py", "raise Wrong(wrong)", "raise Wrong(wrong[:1])"),),
        "every wrong member is named",
    ),
    Fault(
        "truth-is-a-number",
        "The number 1 is taken for true.",
        "todo/validation",
        (
            Change(
                "validation.py",
                'isinstance(members.get("done"), bool)',
                'isinstance(members.get("done"), int)',
            ),
        ),
        "done is true or false, and nothing like it",
    ),
    Fault(
        "control-characters",
        "Control characters are taken as they come.",
        "todo/validation",
        (Change("validation.py", 'in ("Cc", "Cs")', 'in ("Cs",)'),),
        "so is one with a control character",
    ),
    Fault(
        "half-a-pair",
        "Half of a pair of surrogates gets in, and cannot be written.",
        "todo/validation",
        (Change("validation.py", 'in ("Cc", "Cs")', 'in ("Cc",)'),),
        "half of a pair of surrogates is no character",
    ),
    Fault(
        "one-tag-only",
        "If-None-Match is compared as a whole, as if it held one tag.",
        "todo/read",
        (
            Change(
                "handlers.py",
                '    return tag in tags or b"*" in tags',
                "    return value == tag",
            ),
        ),
        "also in a list, and as a weak one",
    ),
)
