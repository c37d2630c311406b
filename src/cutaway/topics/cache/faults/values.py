"""Faults of strings, numbers, lifetimes and the keyspace.

    INCR counter      :9007199254740992     the same again: a double has no room for one more

Left out: values that hold others. See kinds.py.
"""

from __future__ import annotations

from ...planted import Change, Fault

FAULTS: tuple[Fault, ...] = (
    # Strings.
    Fault(
        "empty-is-nothing",
        "An empty value is taken for none, as many languages have it in a condition.",
        "cache/strings",
        (
            Change(
                "strings.py",
                "    return client.nil() if value is None else b",
                "    return client.nil() if not value else b",
            ),
        ),
        "an empty value is a value",
    ),
    Fault(
        "missing-left-out",
        "MGET leaves out what is not there, so that nobody knows which value is whose.",
        "cache/strings",
        (
            Change(
                "strings.py",
                "    return array([client.bulk(value if type(value) is bytes else None) for value in found])\n",
                "    return array([client.bulk(value) for value in found if type(value) is bytes])\n",
            ),
        ),
        "MGET answers in the order of its keys, and null where nothing is",
    ),
    Fault(
        "exists-of-different",
        "EXISTS counts a key that is named twice once.",
        "cache/strings",
        (
            Change(
                "keys.py",
                "client.space.find(key) is not None for key in words[1:]",
                "client.space.find(key) is not None for key in {*words[1:]}",
            ),
        ),
        "EXISTS counts a key as often as it is named",
    ),
    Fault(
        "options-in-capitals",
        "Options of SET are known in capitals only.",
        "cache/strings",
        (
            Change(
                "strings.py",
                "        option = words[at].upper()\n",
                "        option = words[at]\n",
            ),
        ),
        "options come in any order and in small letters",
    ),
    Fault(
        "unknown-option-skipped",
        "An option of SET that is not known is passed over, and the value is written.",
        "cache/strings",
        (
            Change(
                "strings.py",
                '        if option not in (b"NX", b"XX", b"GET", b"KEEPTTL", *UNITS):\n            raise SYNTAX\n',
                '        if option not in (b"NX", b"XX", b"GET", b"KEEPTTL", *UNITS):\n'
                "            at += 1\n            continue\n",
            ),
        ),
        "an option that is not known is refused, and nothing is written",
    ),
    Fault(
        "written-before-it-is-checked",
        "MSET writes pair for pair, and finds out at the last that its value is missing.",
        "cache/strings",
        (
            Change(
                "strings.py",
                '    if len(words) % 2 == 0:\n        raise wrong_count(b"mset")\n'
                "    for key, value in zip(words[1::2], words[2::2], strict=True):\n"
                "        client.space.store(key, value)\n",
                "    for key, value in zip(words[1::2], words[2::2], strict=False):\n"
                "        client.space.store(key, value)\n"
                '    if len(words) % 2 == 0:\n        raise wrong_count(b"mset")\n',
            ),
        ),
        "MSET with a key that has no value is refused, and nothing is written",
    ),
    # Numbers.
    Fault(
        "counts-in-doubles",
        "Numbers are added as doubles, which have gaps behind 2**53.",
        "cache/counters",
        (
            Change(
                "strings.py",
                "    total = (number(value) if value is not None else 0) + amount\n",
                "    total = int(float(number(value) if value is not None else 0) + amount)\n",
            ),
        ),
        "a number above 2**53 is counted exactly",
    ),
    Fault(
        "counts-around",
        "Behind the largest number comes the smallest, as the processor adds.",
        "cache/counters",
        (
            Change(
                "strings.py",
                "    if not -(1 << 63) <= total < 1 << 63:\n        raise OVERFLOW\n    client.space.replace",
                "    total = (total + (1 << 63)) % (1 << 64) - (1 << 63)\n    client.space.replace",
            ),
        ),
        "the largest number is reached, and not passed",
    ),
    Fault(
        "int-too-kind",
        "A number is what the language takes for one: underscores and spaces, too.",
        "cache/counters",
        (
            Change(
                "replies.py",
                '    digits = word[1:] if word[:1] == b"-" else word\n'
                "    if not digits.isdigit() or (digits[0] == 48 and len(word) > 1) or len(digits) > 19:\n"
                "        raise NOT_INTEGER\n"
                "    found = int(word)\n",
                "    try:\n        found = int(word)\n    except ValueError:\n"
                "        raise NOT_INTEGER from None\n",
            ),
        ),
        "a text that is no number is not counted, and stays",
    ),
    Fault(
        "strlen-in-characters",
        "STRLEN counts characters.",
        "cache/counters",
        (
            Change(
                "strings.py",
                '    return integer(len(client.space.string(words[1]) or b""))\n',
                '    value = client.space.string(words[1]) or b""\n'
                '    return integer(len(value.decode("utf-8", "replace")))\n',
            ),
        ),
        "STRLEN counts octets, and 0 where nothing is",
    ),
    # Lifetimes.
    Fault(
        "exists-without-the-clock",
        "EXISTS looks whether a key is stored, and not whether its time is over.",
        "cache/expiry",
        (
            Change(
                "keys.py",
                "client.space.find(key) is not None for key in words[1:]",
                "key in client.space.values for key in words[1:]",
            ),
            Change("server.py", "        self.space.expire(len(self.space.ends))\n", ""),
        ),
        "a key whose time is over is gone for every command",
    ),
    Fault(
        "lifetime-of-the-key",
        "SET replaces the value and leaves the lifetime of the old one.",
        "cache/expiry",
        (
            Change(
                "keyspace.py",
                "        values[key] = value\n        if self.ends:\n            self.ends.pop(key, None)\n",
                "        values[key] = value\n",
            ),
        ),
        "the old lifetime does not end a new value",
    ),
    Fault(
        "timer-not-cancelled",
        "A timer for each lifetime goes on when the value is replaced, and removes the new one.",
        "cache/expiry",
        (
            Change(
                "keyspace.py",
                "            if self.ends.get(key) == end:\n",
                "            if key in self.values:\n",
            ),
        ),
        "the old lifetime does not end a new value",
    ),
    Fault(
        "a-change-is-for-ever",
        "INCR and APPEND write the value anew, and its lifetime is gone.",
        "cache/expiry",
        (
            Change(
                "keyspace.py",
                "        self.values[key] = value\n        self.changed(key)\n",
                "        self.values[key] = value\n        self.ends.pop(key, None)\n        self.changed(key)\n",
            ),
        ),
        "what changes a value leaves its lifetime",
    ),
    Fault(
        "keepttl-for-nothing",
        "KEEPTTL is taken, and the lifetime is not kept.",
        "cache/expiry",
        (
            Change(
                "strings.py",
                '    kept = space.ends.get(key) if b"KEEPTTL" in flags else None\n',
                "    kept = None\n",
            ),
        ),
        "KEEPTTL keeps the lifetime, also when there is none",
    ),
    Fault(
        "no-time-is-for-ever",
        "EXPIRE with a time that is over already does nothing, and says that it did.",
        "cache/expiry",
        (
            Change(
                "keys.py",
                '        space.remove(key)\n        client.server.log_as((b"DEL", key))\n',
                "",
            ),
        ),
        "a lifetime of 0 or less, or a moment that has passed, removes the key",
    ),
    Fault(
        "only-who-is-asked-for",
        "What is over goes when somebody asks for it, and what nobody asks for stays.",
        "cache/expiry",
        (
            Change(
                "keyspace.py",
                "        while self.heap and self.heap[0][0]",
                "        while False and self.heap[0][0]",
            ),
        ),
        "what nobody asks for is given back",
    ),
    # The keyspace.
    Fault(
        "rename-forgets-the-lifetime",
        "RENAME moves the value, and not when it ends.",
        "cache/keys",
        (
            Change(
                "keyspace.py",
                "        if end is not None:\n            self.live_until(new, end)\n",
                "",
            ),
        ),
        "RENAME moves the value with its lifetime",
    ),
    Fault(
        "pattern-of-the-beginning",
        "A pattern has to match the beginning of a key, not all of it.",
        "cache/keys",
        (
            Change(
                "glob.py",
                "        return re.compile(first, re.DOTALL).fullmatch\n",
                "        return re.compile(first, re.DOTALL).match\n",
            ),
        ),
        "in a pattern ? is one octet, * any number of them",
    ),
    Fault(
        "pattern-is-a-regex",
        "A pattern becomes a regular expression, and so do its dots and brackets.",
        "cache/keys",
        (
            Change(
                "glob.py",
                "            parts[-1].append(re.escape(plain))\n",
                "            parts[-1].append(plain)\n",
            ),
        ),
        "behind a backslash a sign stands for itself, and other signs always do",
    ),
    Fault(
        "cursor-counts-keys",
        "The cursor of SCAN counts keys, and is wrong as soon as keys before it are removed.",
        "cache/keys",
        (
            Change(
                "scans.py",
                "        keys = self.lists[number]\n",
                "        keys = list(self.space.values)\n",
            ),
        ),
        "what is there from the first call to the last is told, whatever comes and goes",
    ),
)
