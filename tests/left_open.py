"""What HTTP/1.1 leaves open while a part is replaced, for whoever counts the failures of a machine.

A server closes an idle connection just as a request that may not be asked twice is on its way
(RFC 9112 §9.3.1). Who asks the server has no answer; behind the proxy that is 502.
"""

from collections.abc import Sequence

from cutaway.system.traffic.keeper import Failure


def but_for_one(failures: Sequence[Failure]) -> list[Failure]:
    """All failures, without the first that met such a connection."""
    met = [one for one in failures if one.row.step == "create" and one.row.status in (0, 502)]
    return [one for one in failures if one not in met[:1]]
