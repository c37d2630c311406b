"""Checks in a process of its own, and says so line by line: the other end of checker.py.

    $ echo '{"folder": "/home/ada/server", "asked": "next"}' | python -m cutaway.workshop.checker_child
    {"type":"began","id":"3f9a1c20","topic":"http1",…}
    {"type":"case","stage":"first-response","case":{"name":"…","verdict":"pass",…}}
    …
    {"type":"ended","check":{…}}

It ends when its standard input does, and then ends the program under test first. With `watch` it
waits for a file to be saved and begins anew, under another id.

What is played, and what is remembered, is what `cutaway check` plays and remembers.

Left out: how any of it looks.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from ..grade import outcomes
from ..grade.stage import Stage
from ..grade.starts import Brake
from ..grade.verdict import CaseResult, CheckResult, StageResult
from ..process import BuildFailed, end_all
from . import checking, project
from .checker import (
    PATIENCE,
    Began,
    Building,
    CaseTold,
    Ended,
    Halted,
    Refused,
    Says,
    StageTold,
    Waits,
    Wanted,
    planned,
)
from .checking import Job
from .defects import written
from .errors import Trouble
from .progress import Progress, home
from .reports import OCTETS, Reports, case_of, new_id, reported, slugs, stage_of, target_of
from .watching import Files

IN_A_HURRY = PATIENCE - 1.0  # seconds for an orderly end


class Child:
    def __init__(self, out: int) -> None:
        self._out, self._lock = out, threading.Lock()
        self.wanted = Wanted()
        self.stopped = threading.Event()
        self.brake = Brake()
        self.files: Files | None = None
        self.room = OCTETS

    def tell(self, what: Any) -> None:
        """From any thread."""
        line = msgspec.json.encode(what) + b"\n"
        with self._lock, suppress(OSError):
            view = memoryview(line)
            while view:
                view = view[os.write(self._out, view) :]

    def says(self, sentence: str) -> None:
        self.tell(Says(sentence))

    # From its beginning to its end

    def run(self) -> int:
        self.wanted = msgspec.json.decode(sys.stdin.buffer.readline(), type=Wanted)
        threading.Thread(target=self._await_end, daemon=True).start()
        try:
            with Progress.open(home(), self.says) as progress:
                if self.wanted.watch:
                    self._watch(progress)
                else:
                    self._once(self._job(), progress, self.brake)
        except Trouble as trouble:
            self.tell(Refused(trouble.sentence, trouble.next_step))
        except outcomes.Halted:
            self.tell(Halted())
        except Exception as defect:
            self.tell(Refused(*defect_of_ours(defect)))
        return 0

    def _await_end(self) -> None:
        """Whoever started us closes the pipe when nobody waits any more, or is gone."""
        while os.read(0, 4096):  # not through sys.stdin, whose lock would outlive the main thread
            pass
        self.stopped.set()
        self.brake.pull()
        if self.files is not None:
            self.files.over.set()
        time.sleep(IN_A_HURRY)
        end_all(grace=0.0)
        os._exit(1)

    def _job(self) -> Job:
        wanted = self.wanted
        stage = "" if wanted.asked in ("next", "all") else wanted.asked
        return checking.job_of(
            project=None if wanted.target else project.find(Path(wanted.folder)),
            target=wanted.target,
            data_dir=wanted.data_dir,
            topic=wanted.topic,
            stage=stage,
            seed=wanted.seed,
            keep_going=wanted.asked == "all",
        )

    def _watch(self, progress: Progress) -> None:
        job: Job | None = self._job()
        assert job is not None
        files = Files(Path(job.folder or "."), job.words, self.says, lambda: self.tell(Waits()))
        self.files, saved = files, ""
        while not self.stopped.is_set():
            files.begin()
            if job is not None:
                with files.watched() as brake:
                    self.brake = brake
                    if self.stopped.is_set():
                        return
                    try:
                        self._once(job, progress, brake, saved)
                    except outcomes.Halted:
                        self.tell(Halted())
            saved = files.wait()
            self.wanted.id, self.wanted.seed = "", None
            try:
                job = self._job()
            except Trouble as trouble:
                job = None
                self.tell(Refused(trouble.sentence, trouble.next_step))

    # One check

    def _once(self, job: Job, progress: Progress, brake: Brake, saved: str = "") -> None:
        """Build, play, remember. Raises grade's Halted."""
        before = progress.standing(job.folder) if job.folder else {}
        began, name, self.room = time.time(), self.wanted.id or new_id(), OCTETS
        self.tell(
            Began(
                id=name,
                topic=job.topic,
                folder=str(job.folder or ""),
                target=target_of(job),
                asked=self.wanted.asked,
                seed=job.seed,
                began=began,
                plan=[planned(stage) for stage in job.stages],
                focus=checking.focus_of(job, before) or "",
                because=saved,
            )
        )
        try:
            checking.built(job, brake, lambda words: self.tell(Building(words)))
        except BuildFailed as problem:
            if brake.pulled:
                raise outcomes.Halted from None
            result = checking.not_built(job, before, problem)
        else:
            if brake.pulled:
                raise outcomes.Halted
            result = checking.played(
                job, before, on_case=self._case, on_stage=self._stage, brake=brake
            )
            if job.folder:  # a build that fails says nothing about a stage
                progress.record(job.folder, result)
        self._keep(job, result, began, name, progress)

    def _keep(
        self, job: Job, result: CheckResult, began: float, name: str, progress: Progress
    ) -> None:
        kept = reported(job, result, began=began, asked=self.wanted.asked, id=name)
        Reports(progress).keep(kept)
        self.tell(Ended(kept.check))

    def _case(self, stage: Stage, result: CaseResult) -> None:
        names = [case.name for case in stage.cases]
        told = case_of(result, slugs(names)[names.index(result.name)])
        evidence = result.failure.evidence if result.failure is not None else None
        if evidence is not None and told.failure is not None:
            with self._lock:
                self.room -= sum(len(p.sent.data) + len(p.arrived.data) for p in evidence.lines)
            told.failure.opened = self.room > 0
        opened = told.failure is not None and told.failure.opened
        self.tell(CaseTold(stage.slug, told, evidence if opened else None))

    def _stage(self, result: StageResult) -> None:
        self.tell(StageTold(stage_of(result)))


def defect_of_ours(defect: Exception) -> tuple[str, str]:
    """A sentence and the next step; the details go into a file."""
    said = f"This is a defect of Cutaway, not of your program: {type(defect).__name__}."
    file = written(defect)
    return said, f"The details are in {file}; please report them." if file else str(defect)[:200]


def main() -> int:
    out = os.dup(1)
    os.dup2(2, 1)  # what anything else prints is no line of ours
    return Child(out).run()


if __name__ == "__main__":
    sys.exit(main())
