"""What the environment tells a program: taken as it is meant, or refused in one sentence."""

import pytest

from cutaway.net.settings import Address, BadSetting, address, addresses, number


def test_an_address_is_a_host_and_a_port() -> None:
    assert address({"STORE": "127.0.0.1:6379"}, "STORE") == Address("127.0.0.1", 6379)
    assert str(address({"STORE": "[::1]:80"}, "STORE")) == "[::1]:80"


def test_several_addresses_are_separated_by_commas() -> None:
    assert addresses({"TO": "a:1, b:2,"}, "TO") == (Address("a", 1), Address("b", 2))
    assert addresses({}, "TO") == ()


@pytest.mark.parametrize(
    "text", ["", "a", "a:", ":1", "a:0", "a:65536", "a b:1", "a:1:2", "a:1,b:2"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadSetting, match=r"TO is .*: write HOST:PORT, as in TO="):
        address({"TO": text}, "TO")


@pytest.mark.parametrize(("text", "found"), [("7", 7), ("", 5), ("999999999", 999_999_999)])
def test_a_number_is_decimal_digits_or_the_default(text: str, found: int) -> None:
    assert number({"MS": text}, "MS", 5) == found


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "1e3", "1_0", " 1", "\u0661", "1000000000"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadSetting, match=r"MS is .*: write a whole number from 1, as in MS=5"):
        number({"MS": text}, "MS", 5)


def test_a_number_may_be_as_small_as_is_said() -> None:
    assert number({"RETRIES": "0"}, "RETRIES", 3, least=0) == 0
