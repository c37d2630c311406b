"""Faults of lists, hashes, sets and sorted sets.

    LRANGE a 0 -1      x y           of x y z: the end of a range is taken as a slice has it

Left out: what holds for all keys. See values.py.
"""

from __future__ import annotations

from ...planted import Change, Fault

FAULTS: tuple[Fault, ...] = (
    # Lists.
    Fault(
        "range-without-its-end",
        "A range ends ahead of its last index, as slices do.",
        "cache/lists",
        (
            Change(
                "lists.py",
                "    end = (last + length if last < 0 else min(last, length - 1)) + 1\n",
                "    end = last + length if last < 0 else min(last, length - 1)\n",
            ),
        ),
        "RPUSH adds behind, LPUSH in front, one after the other",
    ),
    Fault(
        "one-null-for-all",
        "LPOP with a count answers the null of one item where nothing is, not that of an array.",
        "cache/lists",
        (
            Change(
                "lists.py",
                "        return client.nil() if len(words) == 2 else client.nil_array()\n",
                "        return client.nil()\n",
            ),
        ),
        "where no list is, there is nothing to pop, and nothing to count",
    ),
    Fault(
        "empty-lists-stay",
        "A list from which the last item is taken is still a key.",
        "cache/lists",
        (
            Change(
                "lists.py",
                "        client.space.grew(words[1], -sum(map(len, taken)) - ITEM * len(taken))\n",
                "        client.space.changed(words[1])\n",
            ),
        ),
        "a list without items is no key",
    ),
    Fault(
        "kind-not-looked-at",
        "A command for a list makes a new one where another kind of value is.",
        "cache/lists",
        (
            Change(
                "keyspace.py",
                "        if value is None or type(value) is kind:\n            return value\n        raise WRONG_TYPE\n",
                "        return value if type(value) is kind else None\n",
            ),
        ),
        "a command for lists is refused on a string, and one for strings on a list",
    ),
    # Hashes.
    Fault(
        "hset-counts-all",
        "HSET counts the fields that it wrote, not those that are new.",
        "cache/hashes",
        (Change("hashes.py", "    return new\n", "    return len(fields)\n"),),
        "HSET counts the fields that are new",
    ),
    Fault(
        "hvals-once-each",
        "HVALS tells a value once, however many fields have it.",
        "cache/hashes",
        (
            Change(
                "hashes.py",
                "    return bulks(found.values())\n",
                "    return bulks({*found.values()})\n",
            ),
        ),
        "two fields with one value are two values",
    ),
    Fault(
        "hash-is-flat",
        "HGETALL answers an array of fields and values in RESP3, too.",
        "cache/hashes",
        (
            Change(
                "hashes.py",
                "    return client.map((bulk(field), bulk(value)) for field, value in found.items())\n",
                "    return bulks([word for pair in found.items() for word in pair])\n",
            ),
        ),
        "in RESP3 HGETALL is a map",
    ),
    # Sets.
    Fault(
        "members-as-numbers",
        "A member that looks like a number is kept as one: 01 and 1 are the same.",
        "cache/sets",
        (
            Change(
                "sets.py",
                "    new = set(words[2:]) - members\n",
                '    as_numbers = {b"%d" % int(w) if w.isdigit() else w for w in words[2:]}\n'
                "    new = as_numbers - members\n",
            ),
        ),
        "a number is a member as it is written",
    ),
    Fault(
        "sinter-skips-what-is-not-there",
        "SINTER passes over a key that is not there, though an empty set leaves nothing.",
        "cache/sets",
        (
            Change(
                "sets.py",
                "first.intersection(*others)",
                "first.intersection(*filter(None, others))",
            ),
        ),
        "SINTER has what is in all of them",
    ),
    Fault(
        "union-into-the-first",
        "SUNION gathers the members in the first set, which then has them all.",
        "cache/sets",
        (
            Change(
                "sets.py",
                "    return client.set(tuple(first.union(*others)))\n",
                "    first.update(*others)\n    return client.set(tuple(first))\n",
            ),
        ),
        "the sets stay as they were",
    ),
    Fault(
        "spop-only-looks",
        "SPOP tells members and leaves them in the set.",
        "cache/sets",
        (Change("sets.py", "    take(client, words[1], members, set(drawn))\n", ""),),
        "SPOP takes one member after the other, until none is left",
    ),
    # Sorted sets.
    Fault(
        "ties-as-they-came",
        "Members with one score are in the order in which they came.",
        "cache/sorted-sets",
        (
            Change(
                "sortedset.py",
                "        insort(self.order, (score, member))\n",
                "        insort(self.order, (score, member), key=lambda pair: pair[0])\n",
            ),
            Change(
                "sortedset.py",
                "        return bisect_left(self.order, (score, member))\n",
                "        return self.order.index((score, member))\n",
            ),
        ),
        "equal scores are in the order of the octets",
    ),
    Fault(
        "scores-of-32-bits",
        "A score is kept in 32 bits, in which 0.1 is 0.10000000149.",
        "cache/sorted-sets",
        (
            Change(
                "sortedset.py",
                "        old = self.scores.get(member)\n        if old is not None:\n",
                '        score = array("f", [score])[0]\n'
                "        old = self.scores.get(member)\n        if old is not None:\n",
            ),
            Change(
                "sortedset.py", "from bisect import", "from array import array\nfrom bisect import"
            ),
        ),
        "scores are numbers, not texts",
    ),
    Fault(
        "gt-adds-nothing",
        "GT and LT leave out members that are new.",
        "cache/sorted-sets",
        (
            Change(
                "sortedsets.py",
                "    if old is None:\n        return score\n",
                '    if old is None:\n        return None if flags & {b"GT", b"LT"} else score\n',
            ),
        ),
        "GT and LT change in one direction, and still add",
    ),
    Fault(
        "bracket-for-nothing",
        "A round bracket ahead of a score is read, and the score itself still belongs to the range.",
        "cache/sorted-sets",
        (Change("sortedsets.py", "(real(word[1:]), False)", "(real(word[1:]), True)"),),
        "a score may be infinite",
    ),
    Fault(
        "rev-from-below",
        "With REV and BYSCORE the smaller score is still read first.",
        "cache/sorted-sets",
        (
            Change(
                "sortedsets.py",
                '(words[3], words[2]) if b"REV" in asked.flags else (words[2], words[3])',
                "(words[2], words[3])",
            ),
        ),
        "with REV the larger score comes first",
    ),
    Fault(
        "nan-is-a-score",
        "A score may be nan, which is neither less nor more than any other, and the order is lost.",
        "cache/sorted-sets",
        (Change("replies.py", "    if found != found:\n        raise NOT_FLOAT\n", ""),),
        "a score that is no number is refused, and nothing is written",
    ),
)
