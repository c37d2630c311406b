"""Nobody but the page of whoever started it gets past the guard."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from cutaway.web.guard import LONGEST, POLICY
from tests.web.conftest import TOKEN


async def answered(request):
    return PlainTextResponse(f"{len(await request.body())}")


@pytest.fixture
def client(served):
    """A browser that has opened nothing yet."""
    route = Route("/api/x", answered, methods=["GET", "POST"])
    return served(Starlette(routes=[Route("/", answered), route]))


@pytest.fixture
def page(client):
    """One that has opened the address."""
    assert client.ask(f"/?token={TOKEN}").status == 303
    return client


def test_the_whole_address_opens_the_page(page):
    assert page.ask("/").status == 200
    assert page.ask("/api/x").status == 200


def test_the_token_goes_into_a_cookie_that_no_script_reads_and_no_other_site_sends(client):
    answer = client.ask(f"/?token={TOKEN}")
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"cutaway-{client.port}=right;")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize("path", ["/", "/api/x", "/?token=wrong", "/?token=", "/api/x?token=right"])
def test_without_the_token_nothing_is_served(client, path):
    answer = client.ask(path)
    assert answer.status == 401
    assert "cutaway up" in answer.text


def test_a_wrong_cookie_is_none(client):
    client.cookies[f"cutaway-{client.port}"] = "wrong"
    assert client.ask("/api/x").status == 401


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7100", "127.0.0.1", "127.0.0.1:80"])
def test_another_name_for_this_address_leads_nowhere(page, host):
    assert page.ask("/api/x", headers={"Host": host}).status == 421


def test_localhost_is_a_name_of_this_address(page):
    assert page.ask("/api/x", headers={"Host": f"localhost:{page.port}"}).status == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:8080", "https://127.0.0.1"]
)
def test_a_page_of_another_origin_may_not_ask(page, origin):
    assert page.ask("/api/x", "POST", headers={"Origin": origin}).status == 403
    assert page.ask("/api/x", headers={"Origin": origin}).status == 403


def test_our_own_page_may(page):
    assert (
        page.ask("/api/x", "POST", headers={"Origin": f"http://127.0.0.1:{page.port}"}).status
        == 200
    )


def test_a_browser_that_says_cross_site_is_believed(page):
    assert page.ask("/api/x", headers={"Sec-Fetch-Site": "cross-site"}).status == 403


def test_every_answer_lets_the_browser_load_nothing_from_elsewhere(client, page):
    for answer in (client.ask("/", headers={"Host": "x"}), page.ask("/")):
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


def test_a_body_is_bounded(page):
    assert page.ask("/api/x", "POST", body=bytes(LONGEST)).text == str(LONGEST)
    assert page.ask("/api/x", "POST", body=bytes(LONGEST + 1)).status == 413
