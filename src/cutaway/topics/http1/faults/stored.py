"""Faults of what is stored: files, conditions, ranges, compression.

    DATA_DIR + "/" + name           and the name is ../outside.txt

Left out: several writers at a time; see clients.py.
"""

from __future__ import annotations

from ...planted import Change, Fault

NO_SLASH = '    if b"/" in name or b"\\0" in name:\n'


def in_place(truncated: str) -> tuple[Change, ...]:
    """A PUT writes over the file itself, from its start on. What was there is asked first."""
    return (
        Change(
            "files.py",
            "        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC\n"
            "        self.descriptor = os.open(self.unfinished, flags, 0o644,"
            " dir_fd=folder.descriptor)\n",
            "        self.before, self.unfinished = folder.state(name), None\n"
            f"        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW{truncated}\n"
            "        self.descriptor = os.open(name, flags, 0o644, dir_fd=folder.descriptor)\n",
        ),
        Change(
            "files.py",
            "        place = self.folder.descriptor\n"
            "        assert self.unfinished is not None\n"
            "        os.replace(self.unfinished, self.name, src_dir_fd=place, dst_dir_fd=place)\n",
            "",
        ),
        Change(
            "app.py",
            "        before = asked.folder.state(name)\n"
            "        status = conditions.precondition(asked.method, asked.fields, before)\n"
            "        if status is not None or not isinstance(body, Written):\n",
            "        before = body.before if isinstance(body, Written) else None\n"
            "        if not isinstance(body, Written):\n",
        ),
    )


FAULTS: tuple[Fault, ...] = (
    # Files.
    Fault(
        "lines-of-text",
        "Files are written in text mode, which makes LF of CR LF.",
        "http1/files",
        (
            Change(
                "files.py",
                "        view = memoryview(data)\n",
                '        view = memoryview(data.replace(b"\\r\\n", b"\\n"))\n',
            ),
        ),
        "what is PUT comes back octet for octet",
    ),
    Fault(
        "old-end-left",
        "A PUT writes over the old file without making it empty, and its end stays behind a"
        " shorter one.",
        "http1/files",
        in_place(""),
        "a shorter file replaces a longer one whole",
    ),
    Fault(
        "written-in-place",
        "A PUT empties the file and fills it as the body comes, so a broken upload leaves half a"
        " file.",
        "http1/files",
        in_place(" | os.O_TRUNC"),
        "a PUT that breaks off leaves the file as it was",
    ),
    Fault(
        "created-says-204",
        "A PUT that makes a new file is answered as one that replaces an old one.",
        "http1/files",
        (Change("app.py", "Answer(204 if before else 201, ", "Answer(204, "),),
        "a new file is 201, also after the old one was removed",
    ),
    Fault(
        "name-decoded-again",
        "The name is percent-decoded once more on its way to the file system.",
        "http1/files",
        (
            Change(
                "files.py",
                "        check_name(name)\n        flags = os.O_RDONLY",
                "        name = decode(name)\n        check_name(name)\n        flags = os.O_RDONLY",
            ),
            Change(
                "files.py",
                "from .conditions import State\n",
                "from .conditions import State\nfrom .target import decode\n",
            ),
        ),
        "a name is decoded once",
    ),
    Fault(
        "checked-before-decoded",
        "Dots and slashes are looked for in the target as it came, where they are still encoded.",
        "http1/files",
        (Change("files.py", NO_SLASH, '    if b"\\0" in name:\n'),),
        "/files/..%2foutside.txt is refused",
    ),
    Fault(
        "absolute-name",
        "Folder and name are joined by a function that forgets the folder when the name begins"
        " with a slash.",
        "http1/files",
        (Change("files.py", NO_SLASH, '    if b"../" in name or b"\\0" in name:\n'),),
        "/files/%2fetc%2fhostname is refused",
    ),
    Fault(
        "prefix-without-slash",
        "The path is compared with the start of the folder's, so a neighbour with a longer name"
        " is inside.",
        "http1/files",
        (
            Change(
                "files.py",
                NO_SLASH,
                '    folder = os.environb.get(b"DATA_DIR", b"/")\n'
                "    path = os.path.normpath(os.path.join(folder, name))\n"
                '    if not path.startswith(folder) or b"\\0" in name:\n',
            ),
        ),
        "PUT to a neighbour of the folder makes no file",
    ),
    Fault(
        "name-ends-at-nul",
        "The name ends at its first NUL, as every string does for the system.",
        "http1/files",
        (
            Change(
                "files.py",
                "        check_name(name)\n        flags = os.O_RDONLY",
                '        name = name.partition(b"\\0")[0]\n'
                "        check_name(name)\n"
                "        flags = os.O_RDONLY",
            ),
        ),
        "NUL does not end a name",
    ),
    Fault(
        "link-followed",
        "A symbolic link in the folder is followed to wherever it leads.",
        "http1/files",
        (
            Change(
                "files.py",
                "flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK",
                "flags = os.O_RDONLY | os.O_NONBLOCK",
            ),
        ),
        "a symbolic link that leads outside is not followed",
    ),
    Fault(
        "nothing-is-counted-too",
        "An answer without content says that its length is 0, a 204 and a 304 as well.",
        "http1/files",
        (
            Change(
                "answer.py",
                '    if answer.status in NO_CONTENT:\n        return b""\n',
                '    if answer.status in NO_CONTENT:\n        return b"Content-Length: 0\\r\\n"\n',
            ),
        ),
        "a 204 has no length",
    ),
    # Conditions.
    Fault(
        "tag-without-quotes",
        "The entity tag is sent without its quotes.",
        "http1/conditional",
        (
            Change(
                "app.py",
                '    return b"ETag: %s\\r\\nVary: Accept-Encoding\\r\\n" % etag',
                '    return b"ETag: %s\\r\\nVary: Accept-Encoding\\r\\n" % etag.strip(b\'"\')',
            ),
        ),
        "a file has a strong entity tag",
    ),
    Fault(
        "tag-of-the-second",
        "The entity tag is made of size and time in seconds, so two changes in one second share"
        " it.",
        "http1/conditional",
        (
            Change(
                "files.py",
                "    return b'\"%x-%x-%x\"' % (status.st_ino, status.st_size, status.st_mtime_ns)",
                "    return b'\"%x-%x\"' % (status.st_size, int(status.st_mtime))",
            ),
        ),
        "so has other content of the same length, at once",
    ),
    Fault(
        "304-with-a-body",
        "304 is answered with a line of text, which the client takes for the next answer.",
        "http1/conditional",
        (
            Change(
                "app.py",
                "        return Answer(status, fields=file_fields(found, coded))",
                '        return text(status, "Nothing has changed.", file_fields(found, coded))',
            ),
            Change("answer.py", "NO_CONTENT = frozenset({204, 304})", "NO_CONTENT = {204}"),
        ),
        "the tag that is known gets 304",
    ),
    Fault(
        "304-without-its-tag",
        "304 comes without the entity tag that a 200 would have had.",
        "http1/conditional",
        (
            Change(
                "app.py",
                "        return Answer(status, fields=file_fields(found, coded))",
                '        return Answer(status, fields=b"Vary: Accept-Encoding\\r\\n")',
            ),
        ),
        "a 304 says the tag",
    ),
    Fault(
        "none-match-strongly",
        "If-None-Match is compared octet for octet, so W/ in front of a tag makes it another one.",
        "http1/conditional",
        (
            Change(
                "conditions.py",
                "return strong(now.etags[0]) not in map(strong, ETAG.findall(value))",
                "return now.etags[0] not in ETAG.findall(value)",
            ),
        ),
        "W/ in front of the tag makes no difference to If-None-Match",
    ),
    Fault(
        "first-tag-only",
        "Only the first tag of If-None-Match is compared.",
        "http1/conditional",
        (
            Change(
                "conditions.py",
                "not in map(strong, ETAG.findall(value))",
                "not in map(strong, ETAG.findall(value)[:1])",
            ),
        ),
        "one tag of a list is enough",
    ),
    Fault(
        "tag-within-a-tag",
        "The field is searched for the letters of the tag, which stand inside of longer tags too.",
        "http1/conditional",
        (
            Change(
                "conditions.py",
                "return strong(now.etags[0]) not in map(strong, ETAG.findall(value))",
                "return now.etags[0].strip(b'\"') not in value",
            ),
        ),
        "a tag within another tag is not that tag",
    ),
    Fault(
        "star-is-a-tag",
        "The star of If-None-Match is taken for a tag, which no file has.",
        "http1/conditional",
        (Change("conditions.py", '    if value.strip() == b"*":\n        return False\n', ""),),
        "If-None-Match: * gets 304 where there is a file",
    ),
    Fault(
        "changed-then-checked",
        "The file is replaced first and the condition looked at then: 412, and the change is made.",
        "http1/conditional",
        (
            Change(
                "app.py",
                "return asked.folder.create(name) if status is None else Discarded()",
                "return asked.folder.create(name)",
            ),
            Change(
                "app.py",
                "        if status is not None or not isinstance(body, Written):\n"
                '            return text(412, "The file is not in the state that the request'
                ' names.")\n'
                '        fields = b"ETag: %s\\r\\n" % body.commit()\n',
                "        assert isinstance(body, Written)\n"
                '        fields = b"ETag: %s\\r\\n" % body.commit()\n'
                "        if status is not None:\n"
                '            return text(412, "The file is not in the state that the request'
                ' names.")\n',
            ),
        ),
        "PUT with If-None-Match: * replaces none",
    ),
    Fault(
        "if-match-ignored",
        "If-Match is not looked at, and one writer's work is lost under the next one's.",
        "http1/conditional",
        (
            Change(
                "conditions.py",
                '        return not matches(fields[b"if-match"], now)',
                "        return False",
            ),
        ),
        "PUT with another tag changes nothing",
    ),
    Fault(
        "if-match-weakly",
        "If-Match is compared weakly, so a tag that stands for something alike lets a change"
        " through.",
        "http1/conditional",
        (
            Change(
                "conditions.py",
                "return any(tag in now.etags for tag in ETAG.findall(value))",
                "return any(strong(tag) in now.etags for tag in ETAG.findall(value))",
            ),
        ),
        "If-Match takes no weak tag",
    ),
    # Ranges.
    Fault(
        "end-not-counted",
        "The last position of a range is taken for the one behind it, as in a slice.",
        "http1/ranges",
        (
            Change(
                "conditions.py",
                "min(int(last) + 1, size) if last else size",
                "min(int(last), size) if last else size",
            ),
        ),
        "both ends of a range count",
    ),
    Fault(
        "suffix-from-the-start",
        "A missing first position is taken for 0, so the last three octets become the first four.",
        "http1/ranges",
        (
            Change(
                "conditions.py",
                "        return suffix(last, size)\n",
                "        return (0, min(int(last) + 1, size)) if last else None\n",
            ),
        ),
        "a minus in front counts from the end",
    ),
    Fault(
        "suffix-below-zero",
        "A length from the end is subtracted from the size, also where that is less than nothing.",
        "http1/ranges",
        (
            Change(
                "conditions.py",
                "return max(0, size - int(length)), size",
                "return size - int(length), size",
            ),
        ),
        "more from the end than there is means all",
    ),
    Fault(
        "416-without-the-size",
        "416 does not say how long the file is.",
        "http1/ranges",
        (
            Change(
                "app.py",
                '"The range lies beyond the end.", whole_size(found))',
                '"The range lies beyond the end.")',
            ),
        ),
        "a range that begins at the end is 416, with the size",
    ),
    Fault(
        "range-backwards",
        "A range whose end comes before its start is taken as it is, and its length is negative.",
        "http1/ranges",
        (
            Change(
                "conditions.py",
                "    if last and int(last) < int(first):\n        return None\n",
                "",
            ),
        ),
        "bytes=5-2 is no range",
    ),
    Fault(
        "if-range-ignored",
        "If-Range is not looked at: the client joins parts of two different files.",
        "http1/ranges",
        (
            Change(
                "conditions.py",
                '    if found is None or not range_still_holds(fields.get(b"if-range"), now):\n',
                "    if found is None:\n",
            ),
        ),
        "If-Range with another tag gets the whole",
    ),
    Fault(
        "ranges-for-head",
        "HEAD is given a part too, though only GET has ranges.",
        "http1/ranges",
        (
            Change(
                "app.py",
                '    if asked.method != b"GET":\n'
                "        return None\n"
                "    return conditions.wanted_range",
                "    return conditions.wanted_range",
            ),
        ),
        "HEAD has no ranges",
    ),
    # Compression.
    Fault(
        "gzip-of-the-plain-length",
        "The file goes out in gzip with the Content-Length of the plain one.",
        "http1/compression",
        (
            Change(
                "app.py",
                "    return Answer(200, packed, kind + file_fields(found, True), done=found.close)",
                "    fields = kind + file_fields(found, True)\n"
                "    return Answer(200, packed, fields, found.size, done=found.close)",
            ),
        ),
        "who accepts gzip gets it",
    ),
    Fault(
        "empty-chunk",
        "What the compressor holds back is sent as an empty chunk, and that ends the body.",
        "http1/compression",
        (
            Change(
                "answer.py",
                "        if piece:\n"
                '            yield b"%x\\r\\n%s\\r\\n" % (len(piece), piece)\n'
                '    yield b"0\\r\\n\\r\\n"\n',
                '        yield b"%x\\r\\n%s\\r\\n" % (len(piece), piece)\n'
                '    yield b"0\\r\\n\\r\\n"\n',
            ),
        ),
        "a long file that shrinks to almost nothing comes whole",
    ),
    Fault(
        "gzip-anywhere",
        "Accept-Encoding is searched for the letters of gzip, and its weight is not looked at.",
        "http1/compression",
        (
            Change(
                "conditions.py",
                "    return gzip > 0 and gzip >=",
                '    if b"gzip" in value.lower():\n'
                "        return True\n"
                "    return gzip > 0 and gzip >=",
            ),
        ),
        "gzip;q=0 excludes it",
    ),
    Fault(
        "vary-when-coded",
        "Only the compressed answer says Vary, so a cache gives the plain one to everybody.",
        "http1/compression",
        (
            Change(
                "app.py",
                '    return b"ETag: %s\\r\\nVary: Accept-Encoding\\r\\n" % etag',
                '    vary = b"Vary: Accept-Encoding\\r\\n" if coded else b""\n'
                '    return b"ETag: %s\\r\\n%s" % (etag, vary)',
            ),
        ),
        "so does the plain one",
    ),
    Fault(
        "one-tag-for-both",
        "The file and the file in gzip have one strong tag, though their octets differ.",
        "http1/compression",
        (Change("files.py", "    return etag[:-1] + b'-gzip\"'", "    return etag"),),
        "the compressed form has a tag of its own",
    ),
    Fault(
        "stale-gzip",
        "The file in gzip is kept under its name, and sent on after the file has changed.",
        "http1/compression",
        (
            Change(
                "app.py",
                "    packed = files.compressed(found.pieces(0, found.size))\n",
                "    if name not in PACKED:\n"
                '        PACKED[name] = b"".join(files.compressed(found.pieces(0, found.size)))\n'
                "    packed = PACKED[name]\n",
            ),
            Change(
                "app.py",
                "MOST_CHUNKS = 10_000\n",
                "MOST_CHUNKS = 10_000\nPACKED: dict[bytes, bytes] = {}\n",
            ),
        ),
        "after a change the compressed form is new, and so is its tag",
    ),
)
