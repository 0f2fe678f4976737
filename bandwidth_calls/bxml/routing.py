"""Verbs that send a call elsewhere: to another call, a conference, an endpoint or another document."""

import re
from collections.abc import Sequence

from bandwidth_calls.bxml.element import Element, Verb, element, nested, optional, required, text
from bandwidth_calls.bxml.rules import FILLED, FLAG, METHOD, TAG, TEXT, Matching, Method, Number
from bandwidth_calls.bxml.transfer import SipUri

_NAME = Matching(re.compile(r"[A-Za-z0-9._-]{1,100}"), "1 to 100 of A-Z a-z 0-9 - _ .")


@element
class Bridge(Verb):
    """Connect this call with another call, whose id is the content. The other call's BXML is cancelled.

    If the other call leaves first, `bridge_complete_url` is requested for this call's next BXML. If this call leaves
    first, `bridge_target_complete_url` is requested for the other call. Without that URL the other call is hung up.

    https://dev.bandwidth.com/docs/voice/bxml/bridge
    """

    content: str = text(FILLED, kw_only=False)
    bridge_complete_url: str | None = optional(TEXT)
    bridge_complete_method: Method | None = optional(METHOD)
    bridge_complete_fallback_url: str | None = optional(TEXT)
    bridge_complete_fallback_method: Method | None = optional(METHOD)
    bridge_target_complete_url: str | None = optional(TEXT)
    bridge_target_complete_method: Method | None = optional(METHOD)
    bridge_target_complete_fallback_url: str | None = optional(TEXT)
    bridge_target_complete_fallback_method: Method | None = optional(METHOD)
    username: str | None = optional(TEXT)
    password: str | None = optional(TEXT, secret=True)
    fallback_username: str | None = optional(TEXT)
    fallback_password: str | None = optional(TEXT, secret=True)
    tag: str | None = optional(TAG)


@element
class Conference(Verb):
    """Join the conference of that name: 1 to 100 letters, digits, `-`, `_` and `.`.

    `call_ids_to_coach` is comma-separated text. `callback_timeout` is in seconds, 1 to 25. A conference keeps the URL
    settings and the tag of the call that created it.

    https://dev.bandwidth.com/docs/voice/bxml/conference
    """

    content: str = text(_NAME, kw_only=False)
    mute: bool | None = optional(FLAG)
    hold: bool | None = optional(FLAG)
    call_ids_to_coach: str | None = optional(TEXT)
    conference_event_url: str | None = optional(TEXT)
    conference_event_method: Method | None = optional(METHOD)
    conference_event_fallback_url: str | None = optional(TEXT)
    conference_event_fallback_method: Method | None = optional(METHOD)
    username: str | None = optional(TEXT)
    password: str | None = optional(TEXT, secret=True)
    fallback_username: str | None = optional(TEXT)
    fallback_password: str | None = optional(TEXT, secret=True)
    tag: str | None = optional(TAG)
    callback_timeout: float | None = optional(Number(1, 25))


@element
class Redirect(Verb):
    """Continue with the BXML at `redirect_url`. The verbs that follow in this document are not run.

    https://dev.bandwidth.com/docs/voice/bxml/redirect
    """

    redirect_url: str = required(FILLED)
    redirect_method: Method | None = optional(METHOD)
    redirect_fallback_url: str | None = optional(TEXT)
    redirect_fallback_method: Method | None = optional(METHOD)
    username: str | None = optional(TEXT)
    password: str | None = optional(TEXT, secret=True)
    fallback_username: str | None = optional(TEXT)
    fallback_password: str | None = optional(TEXT, secret=True)
    tag: str | None = optional(TAG)


@element
class Hangup(Verb):
    """Hang up. An inbound call that is not answered yet is rejected.

    https://dev.bandwidth.com/docs/voice/bxml/hangup
    """


@element
class Tag(Verb):
    """Set the tag that later webhooks carry, at most 256 characters.

    Bandwidth trims white space around the tag. An empty tag clears it.

    https://dev.bandwidth.com/docs/voice/bxml/tag
    """

    content: str = text(TAG, kw_only=False)


@element
class Refer(Verb):
    """Send a SIP REFER to the caller, who must have called by SIP, with the one `SipUri` inside.

    With `refer_complete_url`, the verbs that follow are not run. After a failure the BXML from that URL is run.

    https://dev.bandwidth.com/docs/voice/bxml/refer
    """

    children: Sequence[SipUri] = nested(SipUri, fewest=1, most=1, kw_only=False)
    refer_complete_url: str | None = optional(TEXT)
    refer_complete_method: Method | None = optional(METHOD)
    tag: str | None = optional(TAG)


@element
class Endpoint(Element):
    """The id of an endpoint, for `Connect`.

    https://dev.bandwidth.com/docs/voice/bxml/connect
    """

    content: str = text(FILLED, kw_only=False)


@element
class Connect(Verb):
    """Connect the call with endpoints. Bandwidth calls this verb a beta.

    https://dev.bandwidth.com/docs/voice/bxml/connect
    """

    children: Sequence[Endpoint] = nested(Endpoint, default=(), kw_only=False)
    event_callback_url: str | None = optional(TEXT)
    event_fallback_url: str | None = optional(TEXT)
