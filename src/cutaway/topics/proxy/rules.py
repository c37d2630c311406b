"""What a proxy has to do, one requirement a line: section, level, sentence.

    VIA = Rule("RFC 9110 §7.6.3", "MUST", "a proxy puts itself into Via …")

The sentence stands behind "because" in a report, so it says what must hold, not what went wrong.
Level "contract" marks what the program under test is asked for beyond the specification; the
section beside it is where the specification speaks of the matter.

Left out: how a rule is tried. A case names its rule; see stages/.
"""

from __future__ import annotations

from ...grade.verdict import Rule

# fmt: off
# One request, one upstream.
FORWARD = Rule("RFC 9110 §7.6", "contract", "a request is sent on to an upstream, and what that answers is answered")
# fmt: on
