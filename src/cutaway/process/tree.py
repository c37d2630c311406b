"""Who belongs to a program: its children, their children, and those that ran away.

    grader ─── program 4711 ─── child ─── grandchild           by parentage
       │           ╰ group 4711, session 4711                   by group
       ╰── orphan, in a session of its own (a daemon)           by token, now our child

A process can leave its group (setsid), lose its parent (a double fork) and empty its environment
(env -i). Whoever does one or two of these is still found by the third. And whoever was seen once
stays known, by id and start time together, so that ids used again do no harm.

Left out: a process that does all three within one sample, before anybody has looked.
"""

from __future__ import annotations

import os
import sys
import time

if sys.platform == "linux":
    from . import linux as system
else:
    from . import portable as system


__all__ = ["Tree", "system"]

SLIPS = 6  # searches in a row that find nobody, before nobody is believed to be left


class Tree:
    """The processes of one program. Not thread-safe: its owner holds a lock."""

    def __init__(self, root: int, token: str) -> None:
        self._root = root
        self._token = token.encode()
        who = system.identity(root)
        self._seen: dict[int, system.Identity] = {root: who} if who else {}
        self._strangers: set[system.Identity] = set()

    def look(self) -> list[int]:
        """Ids of all that live now. Cheap: reads only what is below the root and below us."""
        starts = [*self._seen, *self._adopted()]
        found: dict[int, system.Identity] = {}
        while starts:
            pid = starts.pop()
            if pid in found or (who := system.identity(pid)) is None:
                continue
            if self._seen.get(pid, who) != who:
                continue  # the id has a new owner
            found[pid] = who
            starts += system.children(pid)
        self._seen = found
        return list(found)

    def search(self) -> list[int]:
        """As `look`, and everybody on this machine who holds the token."""
        for pid in system.holders(self._token):
            if who := system.identity(pid):
                self._seen[pid] = who
        return self.look()

    def kill_all(self, within: float) -> bool:
        """SIGKILL to everybody until nobody is left; False when time ran out."""
        deadline = time.monotonic() + within
        mine: set[int] = set()
        ran = False  # whether anybody was there to run away
        in_vain = 0
        system.collect_orphans()
        while time.monotonic() < deadline:
            left = self.search()
            for pid in left:
                system.kill(self._seen[pid])
            # One who forks all the time can slip past a search, hardly past several in a row.
            mine.update(left)
            ran = ran or bool(left)
            self._collect(mine)
            in_vain = 0 if left else in_vain + 1
            if in_vain > (SLIPS if ran else 0):
                return True
            time.sleep(0.001)
        return False

    def _adopted(self) -> list[int]:
        """Orphans that came to us and hold the token."""
        adopted = []
        for pid in system.children(os.getpid()):
            if pid == self._root or pid in self._seen:
                continue
            who = system.identity(pid)
            if who is None or who in self._strangers:
                continue
            if system.holds(pid, self._token):
                adopted.append(pid)
            else:
                self._strangers.add(who)
        return adopted

    def _collect(self, pids: set[int]) -> None:
        """Collect the status of those that became our children, or they stay as zombies."""
        for pid in list(pids):
            if pid == self._root:
                continue  # its owner collects it
            try:
                if os.waitpid(pid, os.WNOHANG)[0]:
                    pids.discard(pid)
            except ChildProcessError:
                pids.discard(pid)
