"""Toolchains that tests need, each with the oldest version that will do.

    present(GO, require_tool)      or a skip, with CI=true a failure, that says what to install

A toolchain that is too old is one that is not there: the sentence is the same, and says so.

Left out: Python modules; `require_module` looks for those.
"""

import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import pytest

Require = Callable[[str, str], str]
RequireModule = Callable[..., None]


@dataclass(frozen=True)
class Tool:
    """ask: the words that print its version; the first "1.24" or "20.3" in the answer is taken."""

    name: str
    ask: tuple[str, ...]
    oldest: tuple[int, int]
    advice: str

    def version(self) -> tuple[int, int]:
        printed = subprocess.run(self.ask, capture_output=True, text=True, timeout=60).stdout
        match = re.search(r"(\d+)\.(\d+)", printed)
        return (int(match[1]), int(match[2])) if match else (0, 0)


# os.Root, which keeps names inside a folder, came with Go 1.24.
GO = Tool("go", ("go", "version"), (1, 24), "install Go 1.24 or later from https://go.dev/dl")
# 2.5 brought set-var-fmt, which its configuration here is written with.
HAPROXY = Tool("haproxy", ("haproxy", "-v"), (2, 5), "apt install haproxy, 2.5 or later")
NODE = Tool("node", ("node", "--version"), (18, 2), "apt install nodejs, 18.2 or later")
# Client libraries ask for it.
NODE_20 = Tool("node", ("node", "--version"), (20, 0), "Node.js 20 or later: https://nodejs.org")


def present(tool: Tool, require: Require) -> None:
    """Nothing, or a skip (with CI=true a failure) where it is missing or too old."""
    require(tool.name, tool.advice)
    found = tool.version()
    if found >= tool.oldest:
        return
    message = f"{tool.name} is {found[0]}.{found[1]} on this machine: {tool.advice}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def all_present(
    tools: tuple[Tool, ...],
    modules: tuple[str, ...],
    require_tool: Require,
    require_module: RequireModule,
) -> None:
    """Nothing, or a skip (with CI=true a failure) for the first one that is missing."""
    for tool in tools:
        present(tool, require_tool)
    for module in modules:
        require_module(module)
