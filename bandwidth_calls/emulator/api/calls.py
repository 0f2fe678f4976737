"""The five operations on calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls.emulator.api import bodies, listing
from bandwidth_calls.emulator.api.messages import (
    JSON_TYPE,
    ApiError,
    HttpRequest,
    HttpResponse,
    json_response,
    need_type,
)
from bandwidth_calls.emulator.api.routes import Route
from bandwidth_calls.emulator.simulation.clock import DAY, utc_text

if TYPE_CHECKING:
    from bandwidth_calls.emulator.api.routes import Account
    from bandwidth_calls.emulator.calls.calls import Call

# The API forgets a call 7 days after its end.
_KEPT = 7 * DAY
_MASK = "*****"
_ECHOED = (
    *("to", "from", "applicationId", "answerUrl", "answerMethod", "answerFallbackUrl", "answerFallbackMethod"),
    *("disconnectUrl", "disconnectMethod", "username", "password", "fallbackUsername", "fallbackPassword"),
    *("callTimeout", "callbackTimeout", "priority", "tag"),
)


def list_calls(account: Account, request: HttpRequest) -> HttpResponse:
    """Answer with a page of calls, and a `Link` to the next page if there is one."""
    query = listing.read_query(request.query)
    url = account.url(request, "calls")
    page, after = listing.read_page(query, account.past, account.calls, _ended_after(account), _created_before(account))
    headers = {"Content-Type": JSON_TYPE}
    if after is not None:
        headers["Link"] = listing.link(url, query.given, after)
    return HttpResponse(200, page, headers)


def create_call(account: Account, request: HttpRequest) -> HttpResponse:
    """Place a call, unless a limit of the account refuses it."""
    need_type(request, "application/json")
    wanted = bodies.create_call(request)
    calls_url = account.url(request, "calls")
    account.limits.admit(account.calls)
    call = account.engine.place(wanted)
    call_url = f"{calls_url}/{call.call_id}"
    body = {
        "accountId": account.account_id,
        "callId": call.call_id,
        "callUrl": call_url,
        "enqueuedTime": utc_text(call.created),
        **{name: wanted.body[name] for name in _ECHOED},
    }
    for name in ("password", "fallbackPassword"):
        if body[name] is not None:
            body[name] = _MASK
    return json_response(body, 201, {"Location": call_url})


def get_call_state(account: Account, _: HttpRequest, call_id: str) -> HttpResponse:
    """Answer with the state of a call."""
    past = account.past.find(call_id, _ended_after(account))
    if past is not None:
        return HttpResponse(200, account.past.json(past).encode(), {"Content-Type": JSON_TYPE})
    call = account.calls.find(call_id, _ended_after(account))
    if call is None or call.created > _created_before(account):
        raise ApiError(404, call_id=call_id)
    return json_response(call.as_state())


def update_call(account: Account, request: HttpRequest, call_id: str) -> HttpResponse:
    """Redirect a call, or complete it. Only completing needs no answered call."""
    need_type(request, "application/json")
    update = bodies.update_call(request, completed_with_redirect=account.completed_with_redirect)
    call = _live_call(account, call_id)
    if update.redirect is None:
        account.engine.complete(call)
    elif call.answer_time is None:
        raise ApiError(409, call_id=call_id)
    else:
        account.engine.redirect(call, update.redirect, update.tag)
    return HttpResponse(200)


def update_call_bxml(account: Account, request: HttpRequest, call_id: str) -> HttpResponse:
    """Replace what is played on an answered call."""
    need_type(request, "application/xml")
    document = bodies.read_bxml(request)
    call = _live_call(account, call_id)
    if call.answer_time is None:
        raise ApiError(409, call_id=call_id)
    account.engine.replace(call, document)
    return HttpResponse(204)


def _live_call(account: Account, call_id: str) -> Call:
    """Return a call that can be changed; raises 404 if it is unknown, 409 if it has ended or a Forward took it over."""
    call = account.calls.find(call_id, _ended_after(account))
    if call is None and account.past.find(call_id, _ended_after(account)) is None:
        raise ApiError(404, call_id=call_id)
    if call is None or call.ended() or account.engine.lines.gave_away(call):
        raise ApiError(409, call_id=call_id)
    return call


def _ended_after(account: Account) -> int:
    """Return the time before which a call must not have ended to be still kept."""
    return account.clock.now() - _KEPT


def _created_before(account: Account) -> int:
    """Return the time until which a call must have been created to be readable."""
    return account.clock.now() - account.lag


ROUTES = (
    Route("GET", "/calls", "listCalls", list_calls),
    Route("POST", "/calls", "createCall", create_call),
    Route("GET", "/calls/{call_id}", "getCallState", get_call_state),
    Route("POST", "/calls/{call_id}", "updateCall", update_call),
    Route("PUT", "/calls/{call_id}/bxml", "updateCallBxml", update_call_bxml),
)
