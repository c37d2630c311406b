"""`cutaway check`: play the stages against the learner's program, and say what came of it.

    $ cutaway check
    ✓ tcp/echo · every byte comes back · 5 cases · 0.04 s
    ✗ tcp/lines · a line is what ends with LF · 1 of 6 cases fails · 0.05 s
    …
      next      tcp/lines · A stream has no messages. …

Without a stage: all up to and including the first that does not pass, and the one that failed last
goes first, so that an edit is answered at once. What passed before and fails now is a regression.

Left out: playing (grade/player.py), what is shown (check_show.py), watching (watch.py).
"""

from __future__ import annotations

import time
from argparse import Namespace
from pathlib import Path

from ..grade.outcomes import Halted
from ..grade.starts import Brake
from ..grade.verdict import CheckResult, Verdict
from ..process import BuildFailed
from ..workshop import catalog, checking, project
from ..workshop.checking import Job
from ..workshop.errors import Trouble
from ..workshop.progress import Progress, Standing, home
from .check_show import Show
from .interrupt import ending_programs
from .screen import Waiting
from .sink import Sink
from .trouble import say

EXITS = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 3, Verdict.SKIPPED: 3}


def run(options: Namespace) -> int:
    sink = Sink.of(options)
    if options.watch and sink.takes_stdout:
        raise Trouble(
            f"--watch reports on standard output, which --{sink.form} would take.",
            f"Name a file: --{sink.form} FILE.",
        )
    job = job_of(options)
    with Progress.open(home(), say) as progress:
        if options.watch:
            from .watch import watch

            return watch(options, job, lambda job, brake: once(job, progress, sink, brake))
        return EXITS[once(job, progress, sink).verdict]


def job_of(options: Namespace) -> Job:
    """Raises Trouble for whatever cannot be."""
    if options.data_dir and not options.target:
        raise Trouble("--data-dir goes with --target.", "A program that we start gets its own.")
    if options.watch and options.target:
        raise Trouble("--watch restarts the program, and --target does not start it.", "Drop one.")
    found = None if options.target and options.topic else project.file_above(Path.cwd())
    mine = project.read(found) if found else None
    topic = topic_of(options, mine)
    return checking.job_of(
        project=None if options.target else mine or project.find(Path.cwd()),
        target=options.target or "",
        data_dir=options.data_dir or "",
        topic=topic,
        stage=options.stage or "",
        seed=options.seed,
        keep_going=options.all,
    )


def topic_of(options: Namespace, mine: project.Project | None) -> str:
    """The topic that is checked: as asked, as the stage says, or the project's."""
    named: str | None = options.topic
    if named is None and options.target and options.stage and "/" in options.stage:
        named = options.stage.partition("/")[0]
    if named is not None:
        slug = catalog.topic(named).slug
        if mine is not None and not options.target and mine.topic != slug:
            raise Trouble(f"This project builds {mine.topic}, not {slug}.", "Leave out --topic.")
        return slug
    if mine is None and options.target:
        raise Trouble("Which topic does the target speak?", "Add --topic, as in --topic http1.")
    return (mine or project.find(Path.cwd())).topic


def once(job: Job, progress: Progress, sink: Sink, brake: Brake | None = None) -> CheckResult:
    """Build, play, show, remember. Raises Halted when the brake is pulled meanwhile."""
    before = progress.standing(job.folder) if job.folder else {}
    began = time.time()
    with Waiting() as waiting, ending_programs():
        show = Show(job, before, waiting, quiet=sink.takes_stdout)
        try:
            checking.built(job, brake, lambda words: waiting.says(f"building: {words}"))
        except BuildFailed as problem:
            if brake is not None and brake.pulled:
                raise Halted from None
            result = checking.not_built(job, before, problem)
            show.stage(result.stages[0])
        else:
            result = played(job, before, show, brake)
            if job.folder:  # a build that fails says nothing about a stage
                progress.record(job.folder, result)
    show.end(result, progress.standing(job.folder) if job.folder else {})
    if job.folder:
        keep(job, progress, result, began)
    sink.write(result)
    return result


def keep(job: Job, progress: Progress, result: CheckResult, began: float) -> None:
    """All of it, for the page: what passed where a case failed can be looked at there."""
    from ..workshop.reports import Reports, reported

    reach = job.stages[0].slug if job.single else "all" if job.keep_going else "next"
    Reports(progress).keep(reported(job, result, began=began, asked=reach))


def played(job: Job, before: dict[str, Standing], show: Show, brake: Brake | None) -> CheckResult:
    show.focus = checking.focus_of(job, before)
    try:
        return checking.played(job, before, on_stage=show.stage, on_case=show.case, brake=brake)
    except (KeyboardInterrupt, SystemExit):
        show.broken_off()
        raise
    finally:
        show.over = True
