"""What HTTP/1.1 asks of a server, one requirement a line: section, level, sentence.

    STREAM = Rule("RFC 9112 §2.2", "MUST", "a request is …")

The sentence stands behind "because" in a report, so it says what must hold, not what went wrong.
Level "contract" marks what the program under test is asked for beyond the specification.

Left out: how a rule is tried. A case names its rule; see stages/.
"""

from __future__ import annotations


# Answers and paths.

# Files, conditions, ranges, compression, many clients, time, drain.
