"""Learn, check and lab in the browser: a lesson that asks, a check down to a byte, a lab predicted and run."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import at


def test_a_check_is_run_to_a_failure_and_its_bytes(page):
    at(page, "check")
    page.get_by_role("radio", name=re.compile("^mine")).check()
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page).to_have_url(re.compile("#/check/[^/]+"))
    report = page.get_by_role("main")
    expect(report).to_contain_text("expected", timeout=60_000)
    for word in ("found", "because", "in another terminal"):
        expect(report).to_contain_text(word)
    expect(report).to_contain_text(re.compile("RFC 911[02] §|contract"))
    expect(page.get_by_role("listbox", name="Octets by name").first).to_be_visible()
    expect(report).to_contain_text("not played: stages build on one another")
    there = page.url
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("expected")
    assert page.url == there


def test_a_lab_is_predicted_and_run(page):
    at(page, "lab/tcp/one-send-many-reads/with/size=1000")
    run = page.get_by_role("button", name="Run it")
    expect(run).to_be_disabled()
    page.get_by_placeholder("such as 10").fill("5")
    page.get_by_role("radio", name="70").check()
    run.click()
    expect(page).to_have_url(re.compile("#/lab/tcp/one-send-many-reads/runs/"), timeout=60_000)
    page.locator("#saw").fill("a few reads")
    page.get_by_role("button", name="Keep it, and explain").click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("You said|said"))


def test_a_lesson_asks_before_it_tells(page):
    at(page, "learn/tcp/lesson")
    expect(page.get_by_role("heading", level=1)).to_contain_text("TCP")
    expect(page.get_by_text(re.compile("of [0-9]+ answered")).first).to_be_visible()
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="That is my prediction").first.click()
    expect(page.get_by_text(re.compile("1 of [0-9]+ answered")).first).to_be_visible()


@pytest.mark.parametrize("topic", ["tcp", "http1", "proxy", "cache", "cachepatterns", "todo"])
def test_each_topic_is_on_the_map_with_its_stages(page, topic):
    at(page, "learn")
    page.locator(f"main a[href='#/learn/{topic}']").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    at(page, f"learn/{topic}/stages")
    expect(page.locator(f"main a[href^='#/learn/{topic}/stages/']").first).to_be_visible()
