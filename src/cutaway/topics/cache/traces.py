"""What is asked for, one key after the other: made from a seed, or read from a file that was recorded.

    zipf(5, seed=1)                  [3401, 17, 9822, 17, 650]       few keys are asked for often
    zipf_with_scans(…)               the same, and now and then 800 keys that never come again
    zipf_that_shifts(…)              half-way, other keys are the popular ones
    loop(5, keys=3)                  [0, 1, 2, 0, 1]

    recorded(Path("cluster52.sort"), 1000)      Recorded(keys=[0, 1, 0, 2, …], form="Twitter")

A file may have been compressed by gzip. Its form is known by its first lines:

| form | a line | a key is |
|---|---|---|
| Twitter | time,key,key size,value size,client,operation,TTL | what was asked by get or gets |
| MSR Cambridge | time,host,disk,Read or Write,offset,size,response time | a block of 4096 octets |
| Tencent | time,offset,size,0 or 1,volume, in sectors of 512 octets | a block of 4096 octets |
| ARC | first block, how many, 0, number of the request | a block |
| time, key, size | three numbers, as simulators of web caches write them | the second |
| oracleGeneral | 24 octets each, no text: time, key, size, next | the key |
| one key a line | anything else | the whole line |

Keys of a file become numbers, 0 for the first one, so that a run can be repeated and needs little room.

Left out: sizes, times and lifetimes, which policies.py would make no use of; zstd, which whoever has
such a file can undo with `zstd -d`.
"""

from __future__ import annotations

import gzip
import random
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, chain, islice
from pathlib import Path
from typing import IO, cast

KEYS = 20_000  # that can be asked for
SKEW = 0.9  # the n-th most popular is asked for 1 / n ** SKEW as often as the first
SCAN, BETWEEN = 800, 5000  # keys of a scan, and what is asked between two of them
NEVER = 1 << 40  # where keys begin that no other trace has
LOOP = 1100

BLOCK, SECTOR = 4096, 512
WIDEST = 1024  # blocks of one request that are taken
LONGEST = 1 << 16  # octets of a line
LOOK = 20  # lines by which a form is known


class NoTrace(Exception):
    """The file cannot be read as one. One sentence."""


# Made.


def zipf(length: int, seed: int = 1, keys: int = KEYS, skew: float = SKEW) -> list[int]:
    """Popularity falls with the rank; which key has which rank depends on the seed."""
    source = random.Random(seed)
    ranked = list(range(keys))
    source.shuffle(ranked)
    return source.choices(ranked, cum_weights=_weights(keys, skew), k=length)


@cache
def _weights(keys: int, skew: float) -> list[float]:
    return list(accumulate(1 / rank**skew for rank in range(1, keys + 1)))


def zipf_with_scans(length: int, seed: int = 1, keys: int = KEYS, skew: float = SKEW) -> list[int]:
    """Between the others somebody walks over many keys, each once: a report, a backup, a crawler."""
    usual, new = iter(zipf(length, seed, keys, skew)), iter(range(NEVER, NEVER + length))
    parts = (p for _ in range(length // BETWEEN + 1) for p in ((usual, BETWEEN), (new, SCAN)))
    return list(islice(chain.from_iterable(islice(part, n) for part, n in parts), length))


def zipf_that_shifts(length: int, seed: int = 1, keys: int = KEYS, skew: float = SKEW) -> list[int]:
    """Half-way, the ranks are dealt anew."""
    half = length // 2
    return zipf(half, seed, keys, skew) + zipf(length - half, seed + 1_000_000, keys, skew)


def loop(length: int, keys: int = LOOP) -> list[int]:
    """All keys in turn, again and again."""
    return [number % keys for number in range(length)]


# Recorded.


@dataclass(frozen=True, slots=True)
class Recorded:
    """distinct: different keys among them."""

    keys: list[int]
    form: str
    distinct: int


@dataclass(frozen=True, slots=True)
class Form:
    """fits: whether a line may be of it. keys: those that the line asks for."""

    name: str
    fits: Callable[[str], bool]
    keys: Callable[[str], Iterable[object]]


def recorded(path: Path, length: int) -> Recorded:
    """The first keys of the file. Raises NoTrace."""
    if path.exists() and not path.is_file():
        raise NoTrace(f"{path} is no file.")
    form = ""
    try:
        with _opened(path) as file:
            asked, form = _asked(path, file)
            numbers: dict[object, int] = {}
            keys = [numbers.setdefault(key, len(numbers)) for key in islice(asked, length)]
    except OSError as error:
        reason = error.strerror or "it is damaged"
        raise NoTrace(f"The file {path} cannot be read: {reason}.") from None
    except (EOFError, zlib.error):
        raise NoTrace(f"The file {path} is compressed by gzip, and damaged.") from None
    except ValueError:
        raise NoTrace(f"The file {path} begins as one of {form} and does not go on so.") from None
    if not keys:
        raise NoTrace(f"The file {path} asks for no key.")
    return Recorded(keys, form, len(numbers))


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        start = file.read(4)
    if start == b"\x28\xb5\x2f\xfd":
        raise NoTrace(f"The file {path} is compressed by zstd. Undo it with: zstd -d {path.name}")
    return cast("IO[bytes]", gzip.open(path)) if start[:2] == b"\x1f\x8b" else path.open("rb")


def _asked(path: Path, file: IO[bytes]) -> tuple[Iterator[object], str]:
    if "oraclegeneral" in path.name.lower():
        return _oracle(file), "oracleGeneral"
    lines = _lines(file)
    first = list(islice(lines, LOOK))
    form = next(form for form in FORMS if all(map(form.fits, first)))
    return (key for line in chain(first, lines) for key in form.keys(line)), form.name


def _lines(file: IO[bytes]) -> Iterator[str]:
    """Those with something on them, each cut off where it is longer than any key."""
    while line := file.readline(LONGEST):
        if text := line.decode("latin-1").strip():
            yield text


def _oracle(file: IO[bytes]) -> Iterator[int]:
    request = struct.Struct("<IQIq")
    while len(octets := file.read(request.size)) == request.size:
        yield request.unpack(octets)[1]


def _blocks(disk: object, offset: int, size: int) -> Iterator[tuple[object, int]]:
    first, last = offset // BLOCK, (offset + max(1, size) - 1) // BLOCK
    return ((disk, block) for block in range(first, min(last, first + WIDEST - 1) + 1))


def _numbers(fields: Iterable[str]) -> bool:
    return all(field.isascii() and field.isdigit() for field in fields)


def _is_twitter(line: str) -> bool:
    fields = line.rsplit(",", 5)  # a key may hold commas
    return (
        len(fields) == 6
        and _numbers([*fields[1:4], fields[5], line.partition(",")[0]])
        and fields[4].isalpha()
    )


def _of_twitter(line: str) -> Iterator[str]:
    head, *_, operation, _ = line.rsplit(",", 5)
    if operation in ("get", "gets"):
        yield head.partition(",")[2]


def _is_msr(line: str) -> bool:
    fields = line.split(",")
    return (
        len(fields) == 7 and fields[3] in ("Read", "Write") and _numbers([fields[0], *fields[4:6]])
    )


def _of_msr(line: str) -> Iterator[object]:
    _, host, disk, _, offset, size, _ = line.split(",")
    return _blocks((host, disk), int(offset), int(size))


def _is_tencent(line: str) -> bool:
    fields = line.split(",")
    return len(fields) == 5 and _numbers(fields) and fields[3] in ("0", "1")


def _of_tencent(line: str) -> Iterator[object]:
    _, offset, size, _, volume = line.split(",")
    return _blocks(volume, SECTOR * int(offset), SECTOR * int(size))


def _is_arc(line: str) -> bool:
    fields = line.split()
    return len(fields) == 4 and _numbers(fields) and fields[2] == "0"


def _of_arc(line: str) -> Iterator[object]:
    first, count = map(int, line.split()[:2])
    return iter(range(first, first + min(count, WIDEST)))


def _is_sized(line: str) -> bool:
    fields = line.replace(",", " ").split()
    return len(fields) == 3 and _numbers(fields)


FORMS = (
    Form("Twitter", _is_twitter, _of_twitter),
    Form("MSR Cambridge", _is_msr, _of_msr),
    Form("Tencent", _is_tencent, _of_tencent),
    Form("ARC", _is_arc, _of_arc),
    Form("time, key, size", _is_sized, lambda line: [line.replace(",", " ").split()[1]]),
    Form("one key a line", lambda line: True, lambda line: [line]),
)
