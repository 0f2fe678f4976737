import base64
import hmac

import pytest

from bandwidth_calls.webhooks import Webhooks
from bandwidth_calls.webhooks.basic import Credentials


def basic(pair: bytes, scheme: str = "Basic") -> str:
    """Return an Authorization header with a pair."""
    return f"{scheme} {base64.b64encode(pair).decode()}"


@pytest.fixture
def credentials() -> Credentials:
    """Return credentials with a colon and letters beyond ASCII in the password."""
    made = Credentials.of("user", "pass:wörd")
    assert made is not None
    return made


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_the_right_pair_matches(credentials: Credentials, scheme: str) -> None:
    """Username and password in UTF-8 match, whatever the case of the scheme."""
    assert credentials.match(basic("user:pass:wörd".encode(), scheme))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic \udc80",
        "Basic ünicode",
        basic(b"user"),
        basic(b":"),
        basic(b"user:"),
        basic(b":pass"),
        basic(b"user:wrong"),
        basic("other:pass:wörd".encode()),
        basic("User:pass:wörd".encode()),
        basic("user:pass:wörd ".encode()),
        basic("user:pass:wörd".encode("latin-1")),
        basic("user:pass:wörd".encode(), "Bearer"),
        basic("user:pass:wörd".encode(), "Digest"),
        basic("user:pass:wörd".encode())[6:],
        basic("user:pass:wörd".encode()) + "*",
    ],
)
def test_whatever_else_does_not_match(credentials: Credentials, header: str) -> None:
    """Absent, malformed and wrong headers, and other schemes, are refused."""
    assert not credentials.match(header)


def test_an_absent_colon_is_no_empty_password() -> None:
    """A header without a colon is refused, even for an empty password."""
    assert not Credentials(b"user", b"").match(basic(b"user"))


def test_both_are_compared_however_wrong_the_first(credentials: Credentials, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time a refusal takes does not tell whether the username was right."""
    compared = list[tuple[bytes | str, bytes | str]]()

    def compare(left: bytes | str, right: bytes | str) -> bool:
        compared.append((left, right))
        return False

    monkeypatch.setattr(hmac, "compare_digest", compare)

    credentials.match(basic(b"x:y"))

    assert compared[1:] == [(b"x", b"user"), (b"y", "pass:wörd".encode())]  # the first is the header as a whole


@pytest.mark.parametrize(
    ("username", "password"), [("user", None), (None, "password"), ("", ""), ("user", ""), ("", "password")]
)
def test_half_a_pair_is_refused(username: str | None, password: str | None) -> None:
    """One credential without the other, or an empty one, is a ValueError."""
    with pytest.raises(ValueError, match="username and password"):
        Webhooks(username, password)


def test_a_colon_in_the_username_is_refused() -> None:
    """Such a username could never match."""
    with pytest.raises(ValueError, match="colon"):
        Webhooks("us:er", "password")


def test_the_password_does_not_print(credentials: Credentials) -> None:
    """The repr of the credentials does not hold the password."""
    assert "pass" not in repr(credentials).replace("password", "")
