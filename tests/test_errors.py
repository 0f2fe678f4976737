"""The tree of errors, and what an error keeps."""

import copy
import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

import bandwidth_calls
from bandwidth_calls import errors
from bandwidth_calls.models.calls import CreateCall

# Child and parent, as docs and the head of errors.py draw them.
TREE = {
    "NotSentError": "BandwidthError",
    "NoAnswerError": "BandwidthError",
    "RefusedError": "BandwidthError",
    "BadRequestError": "RefusedError",
    "AuthenticationError": "RefusedError",
    "PermissionDeniedError": "RefusedError",
    "NotFoundError": "RefusedError",
    "MethodNotAllowedError": "RefusedError",
    "ConflictError": "RefusedError",
    "UnsupportedMediaTypeError": "RefusedError",
    "RateLimitedError": "RefusedError",
    "CallRateLimitedError": "RateLimitedError",
    "ConcurrentCallLimitError": "RateLimitedError",
    "ServerError": "RefusedError",
    "CallMayHaveBeenPlacedError": "BandwidthError",
    "BadAnswerError": "BandwidthError",
    "TokenError": "BandwidthError",
    "UntrustedLinkError": "BandwidthError",
    "TranscriptionUnavailableError": "BandwidthError",
    "ClientClosedError": "BandwidthError",
    "WaitTimeoutError": "BandwidthError",
    "WrongLoopError": "BandwidthError",
    "BxmlError": "BandwidthError",
    "WebhookError": "BandwidthError",
}
NOW = datetime(2026, 6, 16, 13, 15, 7, 160000, UTC)
CALL = CreateCall(to="+19195551234", from_="+19195554321", application_id="a", answer_url="https://x.example")
REFUSED = ("refused", 429, "error", "too many", "id-1", 1.5)

SAMPLES: list[tuple[errors.BandwidthError, dict[str, object]]] = [
    (errors.BandwidthError("base"), {}),
    (errors.NotSentError("not sent", True), {"untrusted": True}),
    (errors.NotSentError("not sent"), {"untrusted": False}),
    (errors.NoAnswerError("no answer", 200), {"status": 200}),
    (errors.NoAnswerError("no answer"), {"status": None}),
    *(
        (
            getattr(errors, name)(*REFUSED),
            {"status": 429, "kind": "error", "description": "too many", "error_id": "id-1", "retry_after": 1.5},
        )
        for name in TREE
        if issubclass(getattr(errors, name), errors.RefusedError)
    ),
    (errors.CallMayHaveBeenPlacedError("perhaps", CALL, NOW), {"request": CALL, "sent_at": NOW}),
    (errors.BadAnswerError("bad", 200, "$[17].callId"), {"status": 200, "where": "$[17].callId"}),
    (errors.TokenError("no token", 401), {"status": 401}),
    (errors.UntrustedLinkError("astray"), {"location": None}),
    (errors.UntrustedLinkError("astray", location="https://b.example/x"), {"location": "https://b.example/x"}),
    (errors.TranscriptionUnavailableError("no text", "error"), {"status": "error"}),
    (errors.ClientClosedError("closed"), {}),
    (errors.WaitTimeoutError("in vain"), {}),
    (errors.WrongLoopError("loop"), {}),
    (errors.BxmlError("no", "Response > Gather[1]", 3, 7), {"where": "Response > Gather[1]", "line": 3, "column": 7}),
    (errors.BxmlError("no"), {"where": None, "line": None, "column": None}),
    (errors.WebhookError("no event", "$.duration"), {"where": "$.duration"}),
]


def _name(value: object) -> str:
    return type(value).__name__ if isinstance(value, errors.BandwidthError) else ""


def _classes() -> dict[str, type]:
    return {name: kind for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, Exception)}


def test_the_tree_has_exactly_the_promised_errors() -> None:
    """No error is missing, and none is there that was not promised."""
    names = _classes().keys()

    assert names == {"BandwidthError", *TREE}


@pytest.mark.parametrize(("child", "parent"), TREE.items(), ids=TREE)
def test_each_error_stands_at_its_place(child: str, parent: str) -> None:
    """Each error's first base is its parent in the tree."""
    bases = _classes()[child].__bases__

    assert bases[0] is _classes()[parent]


@pytest.mark.parametrize("name", TREE)
def test_each_error_imports_from_the_package(name: str) -> None:
    """A caller needs no other module to catch an error."""
    kind = getattr(bandwidth_calls, name)

    assert kind is getattr(errors, name)


def test_the_tree_is_drawn_at_the_top_of_its_file() -> None:
    """The drawing names each error, one a line."""
    drawn = [
        line.split()[line.split().index(word)]
        for line in str(errors.__doc__).splitlines()
        for word in line.split()
        if word.endswith("Error") and "──" in line
    ]

    assert sorted(set(drawn) & TREE.keys()) == sorted(TREE)


def test_no_public_error_lives_outside_the_tree() -> None:
    """Whatever module defines an exception for others to see, it is a BandwidthError."""
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(bandwidth_calls.__path__, "bandwidth_calls.")
        if not found.name.startswith("bandwidth_calls.emulator") and not found.name.endswith("__main__")
    ]

    strangers = [
        f"{module.__name__}.{name}"
        for module in modules
        for name, kind in vars(module).items()
        if inspect.isclass(kind) and issubclass(kind, BaseException) and kind.__module__ == module.__name__
        if not name.startswith("_") and not issubclass(kind, errors.BandwidthError)
    ]

    assert strangers == []


@pytest.mark.parametrize("kind", [errors.BxmlError, errors.WebhookError])
def test_errors_of_values_are_value_errors(kind: type) -> None:
    """A wrong document is a wrong value too."""
    assert issubclass(kind, ValueError)


def test_a_wait_in_vain_is_a_timeout_error() -> None:
    """WaitTimeoutError is caught by `except TimeoutError` as well."""
    assert issubclass(errors.WaitTimeoutError, TimeoutError)


@pytest.mark.parametrize("name", sorted(TREE.keys() - {"BxmlError", "WebhookError"}))
def test_other_errors_are_no_value_errors(name: str) -> None:
    """A ValueError means a wrong argument, so what the network does is none."""
    assert not issubclass(getattr(errors, name), ValueError)


@pytest.mark.parametrize("name", ["BandwidthError", *TREE])
def test_each_error_says_when_it_is_raised(name: str) -> None:
    """Each docstring is of the class itself."""
    doc = vars(getattr(errors, name))["__doc__"]

    assert doc
    assert doc.startswith("Raised ") or name == "BandwidthError"


def test_the_samples_hold_every_error() -> None:
    """The tests of pickling forget no class."""
    assert {_name(error) for error, _ in SAMPLES} == {"BandwidthError", *TREE}


@pytest.mark.parametrize(("error", "facts"), SAMPLES, ids=_name)
def test_facts_are_attributes(error: errors.BandwidthError, facts: dict[str, object]) -> None:
    """What an error was made with can be read from it."""
    found = {name: getattr(error, name) for name in facts}

    assert found == facts


@pytest.mark.parametrize(("error", "facts"), SAMPLES, ids=_name)
def test_facts_start_empty(error: errors.BandwidthError, facts: dict[str, object]) -> None:
    """Every error has the facts of a request, which are empty until they are known."""
    in_doubt = isinstance(error, errors.CallMayHaveBeenPlacedError)

    assert (error.attempts, error.reason, error.cursor) == (0, None, None)
    assert error.sent_at == facts.get("sent_at")
    assert error.may_have_taken_effect is in_doubt


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(("error", "facts"), SAMPLES, ids=_name)
def test_errors_pickle_with_all_they_know(
    error: errors.BandwidthError, facts: dict[str, object], protocol: int
) -> None:
    """Pickling keeps the facts, and also those of the request."""
    known = _with_request_facts(error)

    copied = pickle.loads(pickle.dumps(known, protocol))

    assert type(copied) is type(error)
    assert vars(copied) == vars(known)
    assert (copied.args, str(copied)) == (known.args, str(known))


@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy], ids=["copy", "deepcopy"])
@pytest.mark.parametrize(("error", "facts"), SAMPLES, ids=_name)
def test_errors_copy_with_all_they_know(
    error: errors.BandwidthError,
    facts: dict[str, object],
    copier: Callable[[errors.BandwidthError], errors.BandwidthError],
) -> None:
    """A copy is another object with the same facts."""
    known = _with_request_facts(error)

    copied = copier(known)

    assert copied is not known
    assert vars(copied) == vars(known)


def _with_request_facts(error: errors.BandwidthError) -> errors.BandwidthError:
    return error.with_facts(
        attempts=3, sent_at=NOW, cursor="cursor-1", reason="ServerDisconnectedError", may_have_taken_effect=True
    )


def test_a_copy_with_more_facts_leaves_the_error_as_it_was() -> None:
    """`with_facts` returns another error of the same class, with the facts of the first."""
    error = errors.BadAnswerError("bad", 200, "$[17].callId", attempts=2)

    known = error.with_facts(cursor="cursor-1")

    assert type(known) is errors.BadAnswerError
    assert (known.where, known.attempts, known.cursor) == ("$[17].callId", 2, "cursor-1")
    assert error.cursor is None


def test_the_message_is_kept() -> None:
    """`message` is the plain sentence."""
    error = errors.BadAnswerError("answered, but not well", 200)

    assert error.message == "answered, but not well"
    assert str(error) == "answered, but not well"


@pytest.mark.parametrize(
    ("attempts", "said"),
    [(1, "no answer: reset (1 request left this machine)"), (3, "no answer: reset (3 requests left this machine)")],
)
def test_the_text_tells_reason_and_attempts(attempts: int, said: str) -> None:
    """A log line tells why, and how many requests left."""
    error = errors.NoAnswerError("no answer", reason="reset", attempts=attempts)

    assert str(error) == said


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errors.NotSentError("x"), "safe to send it again"),
        (errors.AuthenticationError("x", 401), "client id and secret"),
        (errors.AuthenticationError("x", 401), "username and password"),
        (errors.PermissionDeniedError("x", 403), "account id"),
        (errors.NotFoundError("x", 404), "7 days"),
        (errors.RateLimitedError("x", 429), "send again later"),
        (errors.CallRateLimitedError("x", 429), "send again later"),
        (errors.CallMayHaveBeenPlacedError("x", CALL, NOW), "Do not simply send it again"),
        (errors.TokenError("x"), "token URL"),
        (errors.WrongLoopError("x"), "each event loop"),
    ],
    ids=_name,
)
def test_the_text_says_what_to_do(error: errors.BandwidthError, said: str) -> None:
    """Where there is something to do, the text says it."""
    text = str(error)

    assert text.startswith("x. ")
    assert said in text
