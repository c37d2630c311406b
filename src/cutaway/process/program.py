"""A running program of any language, with everything that it starts.

    with Program.start(Command(folder, ("./server",)), {"PORT": "23456"}) as program:
        program.wait_ready([23456], within=10 * patience())
        …                                    # talk to it
        program.memory(), program.cpu()      # bytes and seconds, of the whole tree
    # here nothing of it is left

A program runs in a session and a process group of its own, with nothing on standard input, and
with what it prints kept in bounds. How it ends:

    end        SIGTERM to the group → a short grace → SIGKILL to the group → whoever escaped
    kill       SIGKILL to the group, at once → whoever escaped
    by itself  its status is looked at (WNOWAIT) but not collected before `end`: until then the
               system gives its id, which is also the group's, to nobody else

All methods may be called from any thread, and again after the end.

Left out: limits on processors, files and the network, which need a sandbox; Windows.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType

from . import diagnosis, guard, watch
from .command import Command
from .errors import Elsewhere, NotReady, StartFailed
from .output import Capture, Output
from .patience import patience
from .ports import accepts
from .spawn import environment, spawn
from .tree import Tree, system

MEMORY_LIMIT = 2 * 1024**3
SETTLED = 0.7  # seconds between two looks at where a program listens instead
IPV4 = ("127.0.0.1", "0.0.0.0", "::")  # addresses that take what comes to 127.0.0.1, mostly
GRACE = 0.5  # seconds between SIGTERM and SIGKILL
CLEANING = 3.0  # seconds at most for finding and killing escapees


class Program:
    """One start of a command. Made by `Program.start`."""

    def __init__(
        self,
        command: Command,
        env: Mapping[str, str],
        token: str,
        process: subprocess.Popen[bytes],
        capture: Capture,
        memory_limit: int,
    ) -> None:
        self.command = command
        self.env = dict(env)
        self.token = token
        self.pid = process.pid
        self.ports: tuple[int, ...] = ()
        self.started = time.monotonic()
        self.memory_limit = memory_limit
        self.peak_memory = 0
        self.ended_because: str | None = None
        self._process = process
        self._capture = capture
        self._tree = Tree(process.pid, token)
        self._status: int | None = None
        self._collected = False
        self._cpu_at_end = 0.0
        self._ended = False
        self._status_lock = threading.Lock()  # never held while waiting
        self._tree_lock = threading.RLock()
        self._end_lock = threading.RLock()

    @classmethod
    def start(
        cls, command: Command, env: Mapping[str, str], *, memory_limit: int = MEMORY_LIMIT
    ) -> Program:
        """Start the command; `env` is added to our own environment.

        raises   StartFailed
        """
        watch.prepare()
        token = os.urandom(16).hex()
        guard.announce(token)
        readable, writable = os.pipe()
        try:
            process = spawn(command, environment(env, token), writable)
        except (OSError, ValueError) as error:
            os.close(readable)
            guard.forget(token)
            if isinstance(error, ValueError):
                raise StartFailed(f"The command cannot be started: {error}.") from None
            raise diagnosis.could_not_start(command, error) from None
        finally:
            os.close(writable)
        try:
            guard.name_group(token, process.pid)
            program = cls(command, env, token, process, Capture(readable), memory_limit)
            watch.add(program)
            return program
        except BaseException:  # Ctrl-C at this moment, or no thread to be had
            process.kill()
            process.wait()
            raise

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    # Ready

    def wait_ready(self, ports: Sequence[int], within: float) -> None:
        """Wait until 127.0.0.1 takes a connection on every port. Each gets one and closes it.

        within   seconds
        raises   NotReady: it ended, it listens elsewhere, or not at all
        """
        self.ports = tuple(ports)
        waiting, asked = list(ports), time.monotonic()
        look, seen = asked + SETTLED, None
        while waiting:
            if accepts(waiting[0], within=0.25):
                waiting.pop(0)
                continue
            if self.status is not None:
                raise self._why_it_ended()
            if (elapsed := time.monotonic() - asked) > within:
                raise self._why_it_does_not_listen(waiting, elapsed)
            if time.monotonic() > look:
                look, before = time.monotonic() + SETTLED * min(patience(), 4.0), seen
                seen = self._elsewhere(waiting[0])
                if seen and seen == before:
                    why = self._why_it_does_not_listen(waiting, elapsed)
                    raise Elsewhere(*why.args)
            # A fast starter is seen at once; a slow one is not slowed by our asking.
            time.sleep(min(0.005, max(0.0002, elapsed / 20)))

    def _elsewhere(self, port: int) -> list[diagnosis.Address]:
        """Where it listens, when that is at no port that it was given, or not on 127.0.0.1."""
        with self._tree_lock:
            found = diagnosis.listening(self._tree.search())
        given = {value for value in self.env.values() if value != str(port)}
        right = any(str(p) in given or (p == port and h in IPV4) for h, p in found)
        return [] if right else found

    def _why_it_ended(self) -> Exception:
        seconds = time.monotonic() - self.started
        self._capture.finish(within=0.2)
        output = self.output().last_lines()
        if self.ended_because:
            return NotReady(self.ended_because, "Use less memory.", output)
        with self._tree_lock:
            left = len(self._tree.search())
        return diagnosis.ended_early(self.command, self.status or 0, seconds, output, left)

    def _why_it_does_not_listen(self, ports: Sequence[int], seconds: float) -> Exception:
        with self._tree_lock:
            pids = self._tree.search()
        output = self.output().last_lines()
        return diagnosis.never_listened(ports, seconds, diagnosis.listening(pids), self.env, output)

    # Watch

    @property
    def alive(self) -> bool:
        """Whether its first process runs."""
        return self.status is None

    @property
    def status(self) -> int | None:
        """None while it runs, then its exit status; negative: the signal that ended it."""
        with self._status_lock:
            if self._status is None:
                self._status = self._peek()
            return self._status

    def _peek(self) -> int | None:
        """The status, left for `_collect`; where the system cannot do that, collected."""
        if not hasattr(os, "waitid"):  # macOS before Python 3.13
            status = self._process.poll()
            self._collected = status is not None
            return status
        try:
            found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        except ChildProcessError:  # somebody else in this process collected it
            self._collected = True
            return self._process.poll()
        if found is None:
            return None
        return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status

    def output(self) -> Output:
        """What it printed up to now, standard output and standard error together."""
        return self._capture.output()

    def memory(self) -> int:
        """Resident bytes of the whole tree, now."""
        with self._tree_lock:
            total = sum(map(system.resident, self._tree.look()))
        self.peak_memory = max(self.peak_memory, total)
        return total

    def cpu(self) -> float:
        """Seconds of processor time of the whole tree."""
        with self._tree_lock:
            if not self._collected:
                pids = {self.pid, *self._tree.look()}
                self._cpu_at_end = max(self._cpu_at_end, sum(map(system.cpu, pids)))
            return self._cpu_at_end

    def descriptors(self) -> int | None:
        """Open file descriptors of the whole tree; None where that cannot be seen."""
        with self._tree_lock:
            counts = [system.descriptors(pid) for pid in self._tree.look()]
        known = [count for count in counts if count is not None]
        return sum(known) if known else None

    def look(self) -> None:
        """Take a sample, and end the program when it is above its limit. By the watch thread."""
        if self._ended or self.memory() <= self.memory_limit:
            return
        with self._tree_lock:  # pages shared by many processes were counted many times
            exact = sum(map(system.proportional, self._tree.look()))
        if exact > self.memory_limit:
            self.ended_because = (
                f"The program was ended because it used {exact / 2**20:.0f} MiB of memory; "
                f"the limit is {self.memory_limit / 2**20:.0f} MiB."
            )
            self.end(grace=0)

    # End

    def signal(self, number: int) -> None:
        """Send a signal to the group, as a terminal would; nothing happens when it has ended."""
        with self._status_lock:
            if not self._collected:
                with suppress(OSError):  # on macOS also for a group of ended processes
                    os.killpg(self.pid, number)

    def pause(self) -> None:
        """Stop the group (SIGSTOP), then whoever left it; they cannot refuse."""
        self.signal(signal.SIGSTOP)
        self._signal_outside(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal_outside(signal.SIGCONT)
        self.signal(signal.SIGCONT)

    def ask_to_end(self) -> None:
        """SIGTERM to the group, also when it is paused."""
        self.signal(signal.SIGTERM)
        self.resume()

    def _signal_outside(self, number: int) -> None:
        """To those of its tree that are in groups of their own, as a server that a script starts."""
        with self._tree_lock:
            for pid in self._tree.look():
                with suppress(OSError):
                    if os.getpgid(pid) != self.pid:
                        os.kill(pid, number)

    def wait(self, within: float) -> int | None:
        """Wait for its first process to end; None when it still runs after `within` seconds."""
        deadline = time.monotonic() + within
        try:
            handle = os.pidfd_open(self.pid) if sys.platform == "linux" else None
        except OSError:
            handle = None
        try:
            while (status := self.status) is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                _sleep_until_ended(handle, left)
            return status
        finally:
            if handle is not None:
                os.close(handle)

    def kill(self) -> None:
        """SIGKILL to the group at once, then to whoever left it; back when all are gone."""
        self.signal(signal.SIGKILL)
        self.wait(within=CLEANING)
        self.cpu()
        self._collect()
        with self._tree_lock:
            self._tree.kill_all(within=CLEANING)
        self._capture.finish(within=0.5)

    def end(self, grace: float = GRACE) -> None:
        """End it and everything it started. Takes at most `grace` and a few seconds."""
        with self._end_lock:
            if self._ended:
                return
            self.memory()
            if grace > 0 and self.alive:
                self.ask_to_end()
                self.wait(within=grace)
            self.cpu()
            self.kill()
            self._ended = True
            watch.remove(self)
            guard.forget(self.token)

    def _collect(self) -> None:
        """Collect the first process, then those of its group that became our children."""
        with self._status_lock:
            if self._status is None or self._collected:
                return
            self._process.wait()
            self._collected = True
        deadline = time.monotonic() + 1.0
        while time.monotonic() < deadline:
            try:
                if os.waitpid(-self.pid, os.WNOHANG)[0] == 0:
                    time.sleep(0.0005)
            except ChildProcessError:
                return


def _sleep_until_ended(handle: int | None, within: float) -> None:
    """Return when the process ended, or sooner; `handle` is its pidfd."""
    if handle is None:
        time.sleep(min(0.002, within))
        return
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    poll.poll(min(within, 60.0) * 1000 + 1)
