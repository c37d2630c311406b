"""What comes over a wire is shown, and never obeyed; and nobody else may ask."""

import http.client
import json
import re
import ssl
import urllib.parse
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import asked, at

SCRIPT = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"


def entrance(page):
    """Where the traffic goes in: the first wire's relay."""
    return next(w for w in asked(page, "machine")["wires"] if w["source"] == "traffic")["address"]


def say(address, method, path, headers, body=None):
    """A request of somebody's, straight into the machine; TLS without asking who it is."""
    host, port = address.split(":")
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(host, int(port), timeout=20, context=anybody)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    said = answer.status, answer.read()
    connection.close()
    return said


def kept(page, mark):
    """Ids of the messages by which a to-do with this in it was put into the store."""
    for wire in ("app-1-to-store", "app-2-to-store"):
        for message in asked(page, f"wires/{wire}/messages?limit=500")[::-1]:
            if message["says"].startswith("SET todo:"):
                opened = asked(page, f"messages/{message['id']}")
                if mark in bytes.fromhex(opened["octets"]):
                    yield message["id"]


def test_a_script_in_a_title_and_in_a_header_is_text_everywhere(page):
    title = f"{SCRIPT} mark-of-this-test"
    status, _ = say(
        entrance(page),
        "POST",
        "/todos",
        {"Host": "todo.localhost", "Content-Type": "application/json", "X-Odd": SCRIPT},
        json.dumps({"title": title}),
    )
    assert status == 201
    found = next(kept(page, b"mark-of-this-test"))
    at(page, f"machine/wires/{found}")
    expect(page.get_by_role("listbox", name="Octets by name")).to_be_visible()
    at(page, f"machine/wires/{found.split('/')[0]}")
    page.wait_for_timeout(1000)
    expect(page).to_have_title(re.compile("Cutaway"))
    assert page.locator("main img, main script").count() == 0


@pytest.mark.parametrize(
    "path",
    ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/../../../guard.py", "//etc/passwd"],
)
def test_no_file_outside_of_the_page_is_given_out(page, machine, path):
    address = urllib.parse.urlsplit(machine)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    assert answer.status == 404
    assert b"root:" not in answer.read()
    connection.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Host": "elsewhere.example"}, 421),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Cookie": "cutaway=guess"}, 401),
    ],
)
def test_who_is_not_this_page_gets_nothing(machine, headers, status):
    address = urllib.parse.urlsplit(machine)
    for method, path in (("GET", "/api/machine"), ("POST", "/api/parts/proxy/kill")):
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
        connection.request(method, path, headers=headers)
        assert connection.getresponse().status == status
        connection.close()


def test_it_listens_on_loopback_only(page):
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ours = {int(wire["address"].split(":")[1]) for wire in asked(page, "machine")["wires"]}
    listening = {
        int(row[1].split(":")[1], 16): row[1].split(":")[0] for row in rows if row[3] == "0A"
    }
    assert ours <= listening.keys()
    assert {listening[port] for port in ours} == {"0100007F"}


def test_streams_of_events_are_bounded(page, machine):
    """More pages than are served get a sentence, and the machine goes on."""
    address = urllib.parse.urlsplit(machine)
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    many, statuses = [], []
    try:
        for _ in range(500):
            connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
            many.append(connection)
            connection.request("GET", "/api/events", headers={"Cookie": cookie})
            statuses.append(connection.getresponse().status)
    finally:
        for connection in many:
            connection.close()
    assert set(statuses) == {200, 503}
    assert asked(page, "machine")["parts"]
