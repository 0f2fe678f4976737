"""The events of a call, of its transfers and of its bridges."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import attrs

from bandwidth_calls.webhooks.event import CallEvent, LegEvent, event, register


@attrs.frozen(kw_only=True)
class MachineDetectionResult:
    """Who answered: `value` is `human`, `answering-machine`, `silence`, `timeout`, `error` or `tone-detected`.

    `duration` is the time that detection took.
    """

    value: str | None = None
    duration: timedelta | None = None


@event
class InitiateEvent(CallEvent):
    """Somebody calls a number of the application. The BXML of the reply is run.

    Inbound calls have no `answer` event. `diversion` always has `origTo`. `stir_shaken` may have `verstat`,
    `attestationIndicator` and `originatingId`. `sip_headers` are the `x-...` headers of a call to a SIP URI, in lower
    case. `caller_display_name` is text from outside, like `from_`, and may be empty. `privacy` is whether the caller
    hides the number.

    https://dev.bandwidth.com/docs/voice/webhooks/initiate
    """

    diversion: Mapping[str, str] | None = None
    stir_shaken: Mapping[str, str] | None = None
    uui: str | None = None
    sip_call_id: str | None = None
    sip_headers: Mapping[str, str] | None = None
    privacy: bool | None = None
    caller_display_name: str | None = None


@event
class AnswerEvent(CallEvent):
    """An outbound call was answered. The BXML of the reply is run.

    `machine_detection_result` is set if the call was created with machine detection in `sync` mode. `privacy` and
    `caller_display_name` are what the callee was shown.

    https://dev.bandwidth.com/docs/voice/webhooks/answer
    """

    machine_detection_result: MachineDetectionResult | None = None
    sip_call_id: str | None = None
    privacy: bool | None = None
    caller_display_name: str | None = None


@event
class GatherEvent(LegEvent):
    """A `Gather` ended. The BXML of the reply is run. `digits` and `terminating_digit` are `""` for none.

    `text` is what was said, if the `Gather` takes speech.

    https://dev.bandwidth.com/docs/voice/webhooks/gather
    """

    digits: str | None = None
    terminating_digit: str | None = None
    text: str | None = None


@event
class PartialGatherEvent(LegEvent):
    """A `Gather` that takes speech has understood a part of it: its event type is `partialgather`.

    The fields of this event are not documented. `text` is where a `gather` event has what was said; see `raw` too.
    """

    text: str | None = None


register("partialgather", PartialGatherEvent)  # the documented name has no capital


@event
class RedirectEvent(LegEvent):
    """A `Redirect` or `update_call` sent the call to this URL. The BXML of the reply is run.

    https://dev.bandwidth.com/docs/voice/webhooks/redirect
    """


@event
class DtmfEvent(LegEvent):
    """A key was pressed after a `StartGather`. The reply is ignored.

    https://dev.bandwidth.com/docs/voice/webhooks/dtmf
    """

    digit: str | None = None


@event
class MachineDetectionCompleteEvent(CallEvent):
    """Machine detection in `async` mode has a result. The reply is ignored: use `update_call`.

    This event may arrive after later events.

    https://dev.bandwidth.com/docs/voice/webhooks/machineDetectionComplete
    """

    machine_detection_result: MachineDetectionResult | None = None


@event
class TransferAnswerEvent(LegEvent):
    """The B-leg of a transfer was answered. The BXML of the reply runs on that leg alone, before it is connected.

    https://dev.bandwidth.com/docs/voice/webhooks/transferAnswer
    """


@event
class TransferCompleteEvent(CallEvent):
    """A transfer ended and the A-leg is still up. The BXML of the reply is run.

    https://dev.bandwidth.com/docs/voice/webhooks/transferComplete
    """

    transfer_caller_id: str | None = None
    transfer_to: str | None = None
    cause: str | None = None
    error_message: str | None = None
    error_id: str | None = None


@event
class TransferDisconnectEvent(LegEvent):
    """A B-leg of a transfer ended. The reply is ignored.

    `answer_time`, not `cause`, tells whether the B-leg was answered.

    https://dev.bandwidth.com/docs/voice/webhooks/transferDisconnect
    """

    end_time: datetime | None = None
    cause: str | None = None
    error_message: str | None = None
    error_id: str | None = None


@event
class BridgeCompleteEvent(CallEvent):
    """The target of a bridge left, or the bridge failed. The BXML of the reply runs on the call with the `Bridge`.

    https://dev.bandwidth.com/docs/voice/webhooks/bridgeComplete
    """

    cause: str | None = None
    error_message: str | None = None
    error_id: str | None = None


@event
class BridgeTargetCompleteEvent(CallEvent):
    """The call with the `Bridge` left. The BXML of the reply runs on the target call.

    https://dev.bandwidth.com/docs/voice/webhooks/bridgeTargetComplete
    """


@event
class ReferCompleteEvent(CallEvent):
    """A `Refer` ended. After a failure the BXML of the reply is run; after a success the call is over.

    `refer_call_status` is `success` or `failure`. `refer_sip_response_code` is the SIP status of the REFER itself,
    `notify_sip_response_code` that of the call that the REFER led to.

    https://dev.bandwidth.com/docs/voice/webhooks/referComplete
    """

    refer_call_status: str | None = None
    refer_sip_response_code: int | None = None
    notify_sip_response_code: int | None = None


@event
class DisconnectEvent(CallEvent):
    """A call ended, for any reason. The reply is ignored.

    `cause` is one of `DisconnectCause`, or another word. `sip_response_code` is set for an outbound call that was
    rejected, for example 486.

    https://dev.bandwidth.com/docs/voice/webhooks/disconnect
    """

    end_time: datetime | None = None
    cause: str | None = None
    error_message: str | None = None
    error_id: str | None = None
    sip_call_id: str | None = None
    sip_response_code: int | None = None
