"""Whoever uses the page: by keys alone, with a screen reader, enlarged, without motion, in the dark."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import at, tab, violations

PLACES = [
    "machine",
    "machine/wires/app-1-to-store",
    "machine/parts/cache",
    "machine/traffic",
    "learn",
    "learn/http1",
    "learn/http1/stages/keep-alive",
    "learn/http1/faults",
    "check",
    "lab",
    "lab/tcp/nagle",
    "hunt",
]


def settled(page, place):
    at(page, place)
    expect(page.locator("main :is(h1, h2)").first).to_be_visible()
    page.wait_for_timeout(400)  # lists come in


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(chromium, machine, theme):
    with tab(chromium, machine, color_scheme=theme) as page:
        found = {}
        for place in PLACES:
            settled(page, place)
            if wrong := violations(page):
                found[place] = wrong
        assert not found, "\n".join(f"{place}: {one}" for place in found for one in found[place])


# 1280 × 720 at 200 %, and a narrow telephone.
@pytest.mark.parametrize(("width", "height"), [(640, 360), (320, 640)])
def test_enlarged_nothing_is_cut_off(chromium, machine, width, height):
    with tab(chromium, machine, viewport={"width": width, "height": height}) as page:
        wide = {}
        for place in PLACES:
            settled(page, place)
            if (over := page.evaluate(OVER)) > 1:
                wide[place] = over
        assert not wide


def test_enlarged_what_is_opened_comes_into_sight(chromium, machine):
    with tab(chromium, machine, viewport={"width": 640, "height": 360}) as page:
        page.get_by_role("link", name=re.compile("^Wire from app-1 to cache")).click()
        expect(page.get_by_role("heading", name="app-1 → cache")).to_be_in_viewport()


OVER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_by_keys_alone_from_the_map_to_a_byte(page):
    focused = "() => document.activeElement.textContent.trim()"
    page.get_by_role("link", name=re.compile("^Proxy ")).focus()
    page.keyboard.press("ArrowDown")
    assert "Wire from proxy to app-" in page.evaluate(focused)
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused).startswith("App ")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#/machine/wires/proxy-to-app-"))
    page.get_by_text("hold the list").press("Enter")
    page.locator(".talk li a").nth(1).press("Enter")
    octets = page.get_by_role("listbox", name="Octets by name")
    expect(octets).to_be_visible()
    octets.focus()
    first = page.locator(".meaning h3").inner_text()
    page.keyboard.press("End")
    expect(page.locator(".meaning h3")).not_to_have_text(first)


def test_keys_lead_to_the_map_and_to_what_was_opened_from_it(page):
    expect(page.get_by_role("heading", name="Requests")).to_be_visible()
    page.keyboard.press("o")
    expect(page.get_by_role("region", name="What was opened")).to_be_focused()
    page.keyboard.press("m")
    expect(page.get_by_role("link", name=re.compile("^Traffic"))).to_be_focused()


def test_who_opens_something_by_keys_goes_on_where_it_is_shown(page):
    page.locator(".panel li a").first.press("Enter")
    expect(page.get_by_role("region", name="What was opened")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="← all requests")).to_be_focused()
    page.keyboard.press("2")
    expect(page.get_by_role("main")).to_be_focused()


def test_areas_have_keys_and_a_list_of_them(page):
    for key, title in (("2", "Learn"), ("4", "Lab"), ("1", "Machine")):
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=title, exact=True)).to_have_attribute(
            "aria-current", "page"
        )
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_a_skip_link_leads_past_the_navigation(page):
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()


def test_without_motion_nothing_travels(chromium, machine):
    with tab(chromium, machine, reduced_motion="reduce") as page:
        expect(page.get_by_role("link", name=re.compile("^Wire from traffic"))).to_contain_text(
            "/s"
        )
        page.wait_for_timeout(1500)
        assert page.locator("svg circle").count() == 0
