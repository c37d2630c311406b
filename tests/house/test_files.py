"""How a file looks: it opens by saying what it is, it is not too long, and nothing waits in it."""

import ast
import re
import warnings

import pytest

from tests.house.source import Module, modules, texts

LONG, TOO_LONG = 400, 600
essays = [m for m in modules() if m.path.name != "__init__.py"]


def by_name(module: Module) -> str:
    return module.name


def test_every_module_says_what_it_is() -> None:
    silent = [m.shown for m in modules() if not ast.get_docstring(m.tree)]
    assert not silent, "no docstring:\n" + "\n".join(silent)


def test_every_module_opens_with_an_essay() -> None:
    """Three lines at least: what it is, and an example or what is left out."""
    short = [m.shown for m in essays if (ast.get_docstring(m.tree) or "").count("\n") < 2]
    assert not short, "the docstring is one line:\n" + "\n".join(short)


def lines_to_read(module: Module) -> int:
    """Lines but for tables: assignments at module level, which are data, and the essay."""
    tables = [n for n in module.tree.body if isinstance(n, ast.Assign | ast.AnnAssign)]
    essay = module.tree.body[:1]
    data = sum((n.end_lineno or n.lineno) - n.lineno + 1 for n in [*tables, *essay])
    return len(module.path.read_text().splitlines()) - data


@pytest.mark.filterwarnings("default")
def test_no_module_is_too_long_to_read_in_one_go() -> None:
    sizes = {m.shown: lines_to_read(m) for m in modules()}
    for path, size in sizes.items():
        if LONG < size <= TOO_LONG:
            warnings.warn(
                f"{path} has {size} lines besides its tables: think of splitting it", stacklevel=1
            )
    assert not {p: n for p, n in sizes.items() if n > TOO_LONG}


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    ends = (".py", ".md", ".toml", ".js", ".go", ".sql", ".sh")
    wrong = [
        f"{path}:{number}: {line.strip()}"
        for path, text in texts("src", "docs", "tools", "benchmarks", "solutions", ends=ends)
        for number, line in enumerate(text.splitlines(), 1)
        if later.search(line)
    ]
    assert not wrong, "\n".join(wrong)
