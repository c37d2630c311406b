"""The machine in the browser: what passes is seen, opened, slowed, killed, swapped, held."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import asked, at


def figure(page, wire, name):
    return next(w for w in asked(page, "machine")["wires"] if w["name"] == wire)["rates"][name]


@pytest.fixture
def clear(page):
    """The links as they were."""
    yield
    for wire in asked(page, "machine")["wires"]:
        asked(page, f"wires/{wire['name']}/orders", {"line": "clear"})


def test_traffic_is_seen(page):
    expect(page.get_by_role("link", name=re.compile("^Proxy reference up"))).to_be_visible()
    label = page.get_by_role("link", name=re.compile("^Wire from traffic to proxy"))
    expect(label).to_contain_text(re.compile(r"[1-9][0-9.]*/s"))
    expect(page.locator("svg circle").first).to_be_attached()  # a message on its way
    expect(page.get_by_role("heading", name="Requests")).to_be_visible()


def test_a_message_is_opened_to_its_bytes(page):
    page.get_by_role("link", name=re.compile("^Wire from app-1 to store")).click()
    expect(page).to_have_url(re.compile("#/machine/wires/app-1-to-store$"))
    page.get_by_text("hold the list").click()
    page.locator(".talk li a").nth(2).click()
    octets = page.get_by_role("listbox", name="Octets by name")
    expect(octets).to_be_visible()
    octets.focus()
    page.keyboard.press("End")
    chosen = page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_contain_text(re.compile("[0-9a-f]{2}"))
    expect(page.locator(".meaning")).to_contain_text(re.compile("RESP|Redis|Valkey|protocol", re.I))
    there = page.url
    page.reload()
    expect(octets).to_be_visible()
    assert page.url == there


def test_a_sealed_message_is_opened_too(page):
    at(page, "machine/wires/traffic-to-proxy")
    page.get_by_text("hold the list").click()
    page.locator(".talk li a").nth(2).click()
    expect(page.get_by_text(re.compile("sealed on the wire, in a record of"))).to_be_visible()
    expect(page.locator(".meaning .spec")).to_contain_text(re.compile(r"RFC 911[02] §"))


def test_a_request_is_followed_through_the_machine(page):
    wanted = page.locator(".panel li a", has_text=re.compile("POST /todos"))
    wanted.first.click()
    steps = page.get_by_role("listitem")
    expect(steps.filter(has_text="proxy → app-").first).to_be_visible()
    expect(steps.filter(has_text="→ store").first).to_be_visible()
    expect(page.get_by_role("heading", name="Where the time went")).to_be_visible()


def test_a_link_is_slowed_and_the_effect_is_visible(page, clear):
    at(page, "machine/wires/app-1-to-store")
    page.get_by_role("button", name="50 ms away").click()
    label = page.get_by_role("link", name=re.compile("^Wire from app-1 to store"))
    expect(label).to_contain_text("latency 50ms")
    expect(label).to_contain_text(re.compile(r"(4[5-9]|[5-9]\d|\d{3,})(\.\d)?\sms"))
    page.get_by_role("button", name="clear").click()
    expect(label).not_to_contain_text("latency")


def test_a_part_is_killed_and_recovers(page):
    at(page, "machine/parts/app-2")
    page.get_by_role("button", name="Kill").click()
    happened = page.locator("ol")
    expect(happened).to_contain_text("killed by hand")
    expect(page.locator("dl", has_text="stands there")).to_contain_text(
        re.compile("up, started [2-9] times")
    )


def test_a_part_is_paused_and_goes_on(page):
    at(page, "machine/parts/app-1")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("link", name=re.compile("^App 1 reference paused"))).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("link", name=re.compile("^App 1 reference up"))).to_be_visible()


def test_the_cache_is_swapped_to_valkey_under_traffic_without_a_failed_request(page):
    before = asked(page, "machine")["traffic"]
    at(page, "machine/parts/cache")
    for title in ("valkey", "reference"):
        page.get_by_label("Put something else there").select_option(title)
        page.get_by_role("button", name="Swap").click()
        expect(page.get_by_role("link", name=re.compile(f"^Cache {title} up"))).to_be_visible()
        sent = asked(page, "machine")["traffic"]["sent"]
        page.wait_for_function(
            "async sent => (await (await fetch('/api/machine')).json()).traffic.sent > sent + 10",
            arg=sent,
        )
    after = asked(page, "machine")["traffic"]
    assert after["failed"] == before["failed"]
    assert after["answered"] > before["answered"] + 10


def test_what_cannot_stand_there_is_said_in_a_sentence(page):
    at(page, "machine/parts/cache")
    page.get_by_label("Put something else there").select_option("yours")
    page.get_by_label(re.compile("^a folder with")).fill("./nothing-here")
    page.get_by_role("button", name="Swap").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no cutaway.toml in")


def test_a_fault_to_plant_is_found_by_its_words_and_the_stage_that_catches_it(page):
    at(page, "machine/parts/proxy")
    page.get_by_label("Put something else there").select_option("fault")
    choices = page.get_by_role("radiogroup", name="Which fault")
    one_stage = choices.get_by_role("group", name="caught by proxy/pool")
    expect(one_stage).to_be_visible()
    of = choices.get_by_role("radio").count()
    sought = page.get_by_label(re.compile("^find one"))
    sought.fill("POOL closed")
    expect(page.get_by_text(re.compile(rf"^\d+ of {of} faults$"))).to_be_visible()
    expect(choices.get_by_role("group")).to_have_count(1)
    one_stage.get_by_role("radio").first.check()
    expect(page.get_by_role("button", name="Swap")).to_be_enabled()
    sought.fill("nothing has this word")
    expect(choices).to_contain_text("None has all of these words")
    expect(page.get_by_role("button", name="Swap")).to_be_disabled()


def test_what_one_part_printed_is_not_shown_for_another(page):
    at(page, "machine/parts/proxy")
    page.get_by_role("button", name="Look").click()
    expect(page.locator("pre")).to_be_visible()
    at(page, "machine/parts/store")
    expect(page.get_by_role("heading", name="Store")).to_be_visible()
    expect(page.locator("pre")).to_have_count(0)


def test_an_address_that_leads_nowhere_says_so(page):
    at(page, "machine/parts/nobody%")
    expect(page.get_by_text("There is no parts/nobody% in this machine.")).to_be_visible()


def test_a_program_that_has_ended_is_told_with_the_next_step(page):
    page.route("**/api/events", lambda asked: asked.fulfill(status=403))
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text(
        "start it again with cutaway up", ignore_case=True
    )


def test_held_it_moves_on_by_one_message_and_asks_what_comes(page):
    page.get_by_role("button", name="Hold everything").click()
    try:
        question = page.get_by_role("group", name="What happens next?")
        step = page.get_by_role("button", name="Let one message pass")
        for _ in range(3):
            expect(question).to_be_visible()
            expect(step).to_be_disabled()
            question.get_by_role("button").first.click()
            step.click()
            expect(page.locator(".still")).to_contain_text(re.compile("Yes|No"))
        expect(page.locator(".still")).to_contain_text(re.compile(r"\d of 3 foreseen"))
        expect(page.get_by_role("listbox", name="Octets by name")).to_be_visible()
    finally:
        page.get_by_role("button", name="Let it run").click()
    expect(page.get_by_role("button", name="Hold everything")).to_be_visible()
