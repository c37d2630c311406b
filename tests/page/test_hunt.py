"""A hunt in the browser, by clicks: begun, looked for, answered, explained, taken out again."""

import re

import pytest
from playwright.sync_api import expect

from cutaway.system import hunt
from tests.page.conftest import asked, at, violations

CASES = {case.name: case for case in hunt.read()}


def seed_of(name):
    return next(s for s in range(1000) if hunt.drawn(s, list(CASES.values())).name == name)


@pytest.fixture
def ended(page):
    yield
    asked(page, "hunt/end", {})


def test_a_fault_is_found(page, ended):
    case = CASES["host"]
    at(page, f"hunt/{seed_of(case.name)}")
    page.get_by_role("button", name=re.compile("^Begin hunt")).click()
    expect(page.get_by_role("heading", name="Answer")).to_be_visible()
    assert violations(page) == []

    page.get_by_role("link", name="the machine").click()
    bar = page.get_by_role("region", name="Find the fault")
    expect(bar).to_contain_text("A fault is hidden")
    page.locator(".panel li a", has_text=re.compile("GET /todos")).first.click()
    expect(page.get_by_role("button", name="This shows it")).to_be_visible()
    page.locator(".panel ol li", has_text="proxy → app-").get_by_role("link").first.click()
    expect(page.get_by_role("listbox", name="Octets by name")).to_contain_text("Host")
    page.get_by_role("button", name="This shows it").click()
    expect(page.get_by_role("button", name="Marked: this shows it")).to_be_visible()
    assert violations(page) == []

    bar.get_by_role("link", name="Answer").click()
    page.get_by_role("radio", name="Proxy", exact=True).check()
    page.get_by_role("radio", name=case.cause).check()
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_role("heading", name="It was in the proxy")).to_be_visible()
    expect(page.get_by_role("heading", name="100 of 100 points")).to_be_visible()
    expect(page.get_by_text("✓ shows it")).to_be_visible()
    expect(page.get_by_role("group", name="What was changed")).to_contain_text("host")
    assert violations(page) == []

    page.get_by_role("button", name="Put the machine right").click()
    expect(page.get_by_text("The machine is as it was before.")).to_be_visible()
    page.get_by_role("link", name="All hunts").click()
    expect(page.get_by_role("table")).to_contain_text("100")


def test_a_hunt_can_be_given_up(page, ended):
    at(page, "hunt")
    page.get_by_role("radio", name=re.compile("^seen in one message")).check()
    page.get_by_role("button", name="Begin", exact=True).click()
    page.get_by_role("button", name="A hint").click()
    expect(page.get_by_text("1 of 4; each costs 5 points")).to_be_visible()
    page.get_by_role("button", name="Give up …").click()
    page.get_by_role("button", name="Give up", exact=True).click()
    expect(page.get_by_role("heading", name="Given up")).to_be_visible()
