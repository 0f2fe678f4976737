"""The models of the Calls resource: what requests may hold, and what answers keep."""

import pickle
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from bandwidth_calls.models.calls import (
    CallState,
    CreateCall,
    CreateCallResponse,
    MachineDetectionConfiguration,
    UpdateCall,
)

CREATE: dict[str, Any] = {
    "to": "+19195551234",
    "from_": "+19195554321",
    "application_id": "1234-qwer-5679-tyui",
    "answer_url": "https://app.example/answer",
}
UPDATE: dict[str, Any] = {"redirect_url": "https://app.example/redirect"}
DETECT: dict[str, Any] = {}
UUI = "aGVsbG8gd29ybGQ;encoding=base64"
SECURE_UUI = "a;encoding=jwt,b c=;encoding=hex"
REQUESTS: dict[str, tuple[type[Any], dict[str, Any]]] = {
    "create": (CreateCall, CREATE),
    "update": (UpdateCall, UPDATE),
    "detect": (MachineDetectionConfiguration, DETECT),
}


def _url(length: int) -> str:
    return "https://app.example/".ljust(length, "a")


CREDENTIALS = ["username", "password", "fallback_username", "fallback_password"]
METHODS = {
    "create": ["answer_method", "answer_fallback_method", "disconnect_method"],
    "update": ["redirect_method", "redirect_fallback_method"],
    "detect": ["callback_method", "fallback_method"],
}
URLS = {
    "create": ["answer_url", "answer_fallback_url", "disconnect_url"],
    "update": ["redirect_url", "redirect_fallback_url"],
    "detect": ["callback_url", "fallback_url"],
}
SECONDS = [
    "detection_timeout",
    "silence_timeout",
    "speech_threshold",
    "speech_end_threshold",
    "machine_speech_end_threshold",
]

GOOD = [
    *[("create", "to", value) for value in ["+12", "+" + "1" * 15, "sip:user@server.example", "sips:a@b"]],
    *[("create", "from_", value) for value in ["+12", "+" + "1" * 15]],
    *[("create", "application_id", value) for value in ["a", "a b"]],
    *[("create", "privacy", value) for value in [True, False]],
    *[("create", "display_name", value) for value in ["", "John Doe", "é", "a" * 256]],
    *[("create", "uui", value) for value in [UUI, SECURE_UUI, ("a" * 337) + ";encoding=jwt"]],
    *[("create", "call_timeout", value) for value in [1, 1.0, 30.5, 300]],
    *[("create", "callback_timeout", value) for value in [1, 2.5, 25, 25.0]],
    *[("create", "priority", value) for value in [1, 2, 3, 4, 5]],
    *[("create", "machine_detection", value) for value in [MachineDetectionConfiguration()]],
    *[(kind, "tag", value) for kind in ["create", "update"] for value in ["", "tag", "line\nline", "a" * 4096]],
    *[(kind, field, value) for kind in REQUESTS for field in CREDENTIALS for value in ["", "a:b", "é", "a" * 1024]],
    *[(kind, field, value) for kind, fields in METHODS.items() for field in fields for value in ["GET", "POST"]],
    *[(kind, field, _url(2048)) for kind, fields in URLS.items() for field in fields],
    *[(kind, field, "http://app.example:8080/") for kind, fields in URLS.items() for field in fields],
    *[("update", field, _url(2049)) for field in URLS["update"]],
    *[("update", "state", "active")],
    *[("detect", "mode", value) for value in ["sync", "async"]],
    *[("detect", field, value) for field in SECONDS for value in [0, 1, 2.5, 10_000]],
    *[("detect", "delay_result", value) for value in [True, False]],
]
BAD = [
    *[
        ("create", "to", value)
        for value in ["", "+1", "+" + "1" * 16, "9195551234", "+19195551234\n", "+١٢٣٤٥", "sip:", "sip:a@b\n", None, 1]
    ],
    *[("create", "from_", value) for value in ["", "+1", "+" + "1" * 16, "sip:a@b", "+19195554321\n", "+١٢٣٤٥", None]],
    *[("create", "application_id", value) for value in ["", "a\n", "\ud800", None, 5]],
    *[("create", "privacy", value) for value in [1, 0, "true"]],
    *[("create", "display_name", value) for value in ["a" * 257, "a\n", "\x00", "\x85", "\ud800", 1]],
    *[
        ("create", "uui", value)
        for value in [
            "",
            "value",
            ";encoding=hex",
            "a;encoding=utf8",
            "a;encoding=hex,",
            ",a;encoding=hex",
            "a;encoding=hex,b",
            "a;encoding=hex;x=y",
            "a;encoding=hex\n",
            "a" * 338 + ";encoding=jwt",
            1,
        ]
    ],
    *[("create", "call_timeout", value) for value in [0.99, 300.01, 0, 301, -1, True, "30", float("nan")]],
    *[("create", "call_timeout", value) for value in [float("inf"), float("-inf"), 10**400]],
    *[("create", "callback_timeout", value) for value in [0.99, 25.01, 0, 26, True, "15", float("nan"), float("inf")]],
    *[("create", "priority", value) for value in [0, 6, -1, 1.0, 2.5, True, "1", float("nan")]],
    *[
        ("create", "machine_detection", value)
        for value in [{}, {"mode": "sync"}, "sync", MachineDetectionConfiguration]
    ],
    *[(kind, "tag", value) for kind in ["create", "update"] for value in ["a" * 4097, 1, b"tag", "\udfff"]],
    *[(kind, field, value) for kind in REQUESTS for field in CREDENTIALS for value in ["a" * 1025, 1, b"a", "\ud800"]],
    *[
        (kind, field, value)
        for kind, fields in METHODS.items()
        for field in fields
        for value in ["get", "PUT", "", "POST\n", 1]
    ],
    *[
        (kind, field, value)
        for kind, fields in URLS.items()
        for field in fields
        for value in [
            "",
            "/a",
            "ftp://a.example",
            "https://",
            "https://a.example/\n",
            "https://a.example/ b",
            1,
            b"https://a",
        ]
    ],
    *[(kind, field, _url(2049)) for kind in ["create", "detect"] for field in URLS[kind]],
    *[("create", "answer_url", None)],
    *[("update", "state", value) for value in ["answered", "COMPLETED", "", "active\n", 1]],
    *[("detect", "mode", value) for value in ["SYNC", "", "sync\n", 1, True]],
    *[
        ("detect", field, value)
        for field in SECONDS
        for value in [-0.1, -1, True, "1", float("nan"), float("inf"), 10**400]
    ],
    *[("detect", "delay_result", value) for value in [1, 0, "false"]],
]


def _shown(value: object) -> str:
    return ascii(value)[:40] if not isinstance(value, int) or abs(value) < 10**9 else "huge"


@pytest.mark.parametrize(("kind", "field", "value"), GOOD, ids=_shown)
def test_good_values_are_taken(kind: str, field: str, value: object) -> None:
    """Every limit itself is allowed, and kept as it was given."""
    model, given = REQUESTS[kind]

    request = model(**{**given, field: value})

    assert getattr(request, field) == value


@pytest.mark.parametrize(("kind", "field", "value"), BAD, ids=_shown)
def test_wrong_values_are_refused_by_name(kind: str, field: str, value: object) -> None:
    """A wrong value is a ValueError that begins with its field."""
    model, given = REQUESTS[kind]

    with pytest.raises(ValueError, match=rf"\A{field}\b"):
        model(**{**given, field: value})


@pytest.mark.parametrize("kind", REQUESTS)
def test_options_are_none(kind: str) -> None:
    """An option that is not given is None, since the service's defaults are not repeated."""
    model, given = REQUESTS[kind]

    request = model(**given)

    assert {name: value for name, value in attrs.asdict(request).items() if value is not None} == given


@pytest.mark.parametrize("kind", REQUESTS)
def test_every_option_may_be_none(kind: str) -> None:
    """None is the same as not given."""
    model, given = REQUESTS[kind]
    options = {field.name: None for field in attrs.fields(model) if field.default is None}

    request = model(**{**options, **given})

    assert request == model(**given)


@pytest.mark.parametrize("field", CREATE)
def test_required_fields_cannot_be_left_out(field: str) -> None:
    """Python requires the four fields without a default."""
    given = {name: value for name, value in CREATE.items() if name != field}

    with pytest.raises(TypeError, match=field):
        CreateCall(**given)


@pytest.mark.parametrize("kind", REQUESTS)
def test_requests_are_frozen(kind: str) -> None:
    """A checked request cannot change afterwards."""
    model, given = REQUESTS[kind]
    request = model(**given)

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        request.username = "other"


@pytest.mark.parametrize("kind", REQUESTS)
def test_requests_take_keywords_only(kind: str) -> None:
    """Positions would make it easy to swap `to` and `from_`."""
    model, _ = REQUESTS[kind]

    with pytest.raises(TypeError):
        model("+19195551234")


@pytest.mark.parametrize("kind", REQUESTS)
def test_passwords_do_not_print(kind: str) -> None:
    """A request in a log shows the user, and no password."""
    model, given = REQUESTS[kind]
    secrets = {"password": "hunter2-a", "fallback_password": "hunter2-b"}

    text = repr(model(**{**given, **secrets}, username="ursula"))

    assert "hunter2" not in text
    assert "ursula" in text


def test_passwords_of_a_machine_detection_do_not_print() -> None:
    """A password of machine detection inside a call does not print either."""
    detection = MachineDetectionConfiguration(password="hunter2", fallback_password="hunter2")

    text = repr(CreateCall(**CREATE, machine_detection=detection))

    assert "hunter2" not in text


def test_passwords_of_an_answer_do_not_print() -> None:
    """Passwords of an answer do not print, even if the service stops masking them."""
    required = {field.name: "x" for field in attrs.fields(CreateCallResponse) if field.default is attrs.NOTHING}
    placed = CreateCallResponse(**required, password="hunter2", fallback_password="hunter2")  # type: ignore[arg-type]

    assert "hunter2" not in repr(placed)


@pytest.mark.parametrize("field", ["username", "password"])
def test_credentials_make_the_answer_url_secure(field: str) -> None:
    """An answer URL with credentials must be https."""
    given = {**CREATE, "answer_url": "http://app.example/", field: "secret"}

    with pytest.raises(ValueError, match=r"\Aanswer_url: must use https"):
        CreateCall(**given)


@pytest.mark.parametrize("field", ["fallback_username", "fallback_password"])
def test_fallback_credentials_make_the_fallback_url_secure(field: str) -> None:
    """A fallback URL with credentials must be https."""
    given = {**CREATE, "answer_fallback_url": "http://app.example/", field: "secret"}

    with pytest.raises(ValueError, match=r"\Aanswer_fallback_url: must use https"):
        CreateCall(**given)


@pytest.mark.parametrize(
    "given",
    [
        {"answer_fallback_url": "http://app.example/", "username": "u", "password": "p"},
        {"answer_url": "http://app.example/", "fallback_username": "u", "fallback_password": "p"},
        {"disconnect_url": "http://app.example/", "username": "u", "fallback_username": "u"},
        {"answer_fallback_url": "https://app.example/", "fallback_username": "u", "username": "u"},
    ],
    ids=["other-fallback", "other-answer", "disconnect", "both-https"],
)
def test_credentials_bind_their_own_url_only(given: dict[str, Any]) -> None:
    """Credentials require https for their own URL only, and never for the disconnect URL."""
    call = CreateCall(**{**CREATE, **given})

    assert attrs.asdict(call).items() >= given.items()


@pytest.mark.parametrize("name", ["Restricted", "Anonymous", "Private", "Unavailable"])
def test_privacy_allows_four_names(name: str) -> None:
    """With privacy, the four names of a hidden caller are allowed."""
    call = CreateCall(**CREATE, privacy=True, display_name=name)

    assert call.display_name == name


@pytest.mark.parametrize("name", ["John Doe", "anonymous", "", "Private "])
def test_privacy_refuses_other_names(name: str) -> None:
    """With privacy, other names, another case and an empty name are refused."""
    with pytest.raises(ValueError, match=r"\Adisplay_name \(with privacy\): "):
        CreateCall(**CREATE, privacy=True, display_name=name)


def test_privacy_needs_no_name() -> None:
    """Privacy needs no display name."""
    call = CreateCall(**CREATE, privacy=True)

    assert call.display_name is None


@pytest.mark.parametrize("privacy", [None, False])
def test_without_privacy_any_name_is_good(privacy: bool | None) -> None:
    """Without privacy, any display name is allowed."""
    call = CreateCall(**CREATE, privacy=privacy, display_name="John Doe")

    assert call.display_name == "John Doe"


@pytest.mark.parametrize("state", [None, "active"])
def test_an_active_call_needs_a_redirect_url(state: Any) -> None:
    """An update to `active` without a redirect URL is refused."""
    with pytest.raises(ValueError, match=r"\Aredirect_url: required"):
        UpdateCall(state=state)


@pytest.mark.parametrize("field", ["redirect_url", "tag"])
def test_a_completed_call_takes_neither_url_nor_tag(field: str) -> None:
    """A completed call takes no redirect URL and no tag, not even an empty one."""
    given: dict[str, Any] = {field: "" if field == "tag" else "https://app.example/"}

    with pytest.raises(ValueError, match=rf"\A{field}: not allowed"):
        UpdateCall(state="completed", **given)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"redirect_method": "POST"},
        {"redirect_fallback_method": "GET"},
        {"username": "u", "password": "p"},
        {"fallback_username": "u", "fallback_password": "p"},
    ],
    ids=str,
)
def test_a_completed_call_takes_what_the_service_takes(given: dict[str, Any]) -> None:
    """The official SDK sends these along, and the service takes them."""
    update = UpdateCall(state="completed", **given)

    assert update.state == "completed"


def test_an_update_may_carry_a_tag() -> None:
    """A redirect may set the tag, or clear it."""
    update = UpdateCall(**UPDATE, tag="")

    assert update.tag == ""


def test_answers_hash_in_spite_of_their_mappings() -> None:
    """Two equal calls are one element of a set, in spite of their mappings."""
    call = CallState(call_id="c-1", stir_shaken={"verstat": "x"}, extra={"new": 1})
    same = CallState(call_id="c-1", stir_shaken={"verstat": "x"}, extra={"new": 1})

    assert {call, same} == {call}


def test_answers_pickle() -> None:
    """A call can go to another process."""
    call = CallState(call_id="c-1", start_time=datetime(2026, 1, 1, tzinfo=UTC), extra={"new": [1]})

    assert pickle.loads(pickle.dumps(call)) == call


def test_extra_does_not_print() -> None:
    """An unknown field may hold a secret, so `extra` does not print."""
    call = CallState(call_id="c-1", extra={"new": "secret"})

    assert "secret" not in repr(call)
