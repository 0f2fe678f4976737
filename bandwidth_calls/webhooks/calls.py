"""The events of a call, its transfers and bridges."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import attrs

from bandwidth_calls.webhooks.event import CallEvent, LegEvent, event


@attrs.frozen(kw_only=True)
class MachineDetectionResult:
    """Who answered: `value` is `human`, `answering-machine`, `silence`, `timeout`, `error` or `tone-detected`.

    `duration` is how long it took to tell.
    """

    value: str | None = None
    duration: timedelta | None = None


@event
class InitiateEvent(CallEvent):
    """Somebody calls a number of the application: the reply says what happens. Inbound calls have no `answer` event.

    `diversion` always has `origTo`; `stir_shaken` may have `verstat`, `attestationIndicator`, `originatingId`;
    `sip_headers` are the `x-...` headers, in lower case, of a call to a SIP URI.

    https://dev.bandwidth.com/docs/voice/webhooks/initiate
    """

    diversion: Mapping[str, str] | None = attrs.field(default=None, hash=False)
    stir_shaken: Mapping[str, str] | None = attrs.field(default=None, hash=False)
    uui: str | None = None
    sip_call_id: str | None = None
    sip_headers: Mapping[str, str] | None = attrs.field(default=None, hash=False)


@event
class AnswerEvent(CallEvent):
    """An outbound call was answered: the reply says what happens.

    `machine_detection_result` is told where the call was placed with detection in `sync` mode.

    https://dev.bandwidth.com/docs/voice/webhooks/answer
    """

    machine_detection_result: MachineDetectionResult | None = None
    sip_call_id: str | None = None


@event
class GatherEvent(LegEvent):
    """A `Gather` ended: the reply goes on. `digits` and `terminating_digit` are `""` for none.

    https://dev.bandwidth.com/docs/voice/webhooks/gather
    """

    digits: str | None = None
    terminating_digit: str | None = None


@event
class RedirectEvent(LegEvent):
    """A `Redirect`, or `update_call`, sends the call here: the reply goes on.

    https://dev.bandwidth.com/docs/voice/webhooks/redirect
    """


@event
class DtmfEvent(LegEvent):
    """A key was pressed while `StartGather` listens. The reply is ignored.

    https://dev.bandwidth.com/docs/voice/webhooks/dtmf
    """

    digit: str | None = None


@event
class MachineDetectionCompleteEvent(CallEvent):
    """Detection in `async` mode came to a result, possibly after later events. The reply is ignored: use `update_call`.

    https://dev.bandwidth.com/docs/voice/webhooks/machineDetectionComplete
    """

    machine_detection_result: MachineDetectionResult | None = None


@event
class TransferAnswerEvent(LegEvent):
    """The B-leg of a transfer was answered: the reply runs on that leg alone, before the two are joined.

    https://dev.bandwidth.com/docs/voice/webhooks/transferAnswer
    """


@event
class TransferCompleteEvent(CallEvent):
    """A transfer is over and the A-leg still there: the reply goes on.

    https://dev.bandwidth.com/docs/voice/webhooks/transferComplete
    """

    transfer_caller_id: str | None = None
    transfer_to: str | None = None
    cause: str | None = None
    error_message: str | None = None
    error_id: str | None = None


@event
class TransferDisconnectEvent(LegEvent):
    """A B-leg of a transfer ended, answered or not: `answer_time` tells, rather than `cause`. The reply is ignored.

    https://dev.bandwidth.com/docs/voice/webhooks/transferDisconnect
    """

    end_time: datetime | None = None
    cause: str | None = None
    error_message: str | None = None
    error_id: str | None = None


@event
class BridgeCompleteEvent(CallEvent):
    """The target of a bridge left, or there was no bridge: the reply goes on with the call that asked for it.

    https://dev.bandwidth.com/docs/voice/webhooks/bridgeComplete
    """

    cause: str | None = None
    error_message: str | None = None
    error_id: str | None = None


@event
class BridgeTargetCompleteEvent(CallEvent):
    """The call that asked for a bridge left: the reply goes on with its target.

    https://dev.bandwidth.com/docs/voice/webhooks/bridgeTargetComplete
    """


@event
class ReferCompleteEvent(CallEvent):
    """A `Refer` is over: the reply goes on where it failed, for otherwise the call is gone.

    `refer_call_status` is `success` or `failure`; the codes are those of SIP, `refer_sip_response_code` of the REFER
    itself and `notify_sip_response_code` of the call that it led to.

    https://dev.bandwidth.com/docs/voice/webhooks/referComplete
    """

    refer_call_status: str | None = None
    refer_sip_response_code: int | None = None
    notify_sip_response_code: int | None = None


@event
class DisconnectEvent(CallEvent):
    """A call is over, however it ended. The reply is ignored.

    `cause` is one of `DisconnectCause`, or another word. `sip_response_code` is told of an outbound call that was
    refused, such as 486.

    https://dev.bandwidth.com/docs/voice/webhooks/disconnect
    """

    end_time: datetime | None = None
    cause: str | None = None
    error_message: str | None = None
    error_id: str | None = None
    sip_call_id: str | None = None
    sip_response_code: int | None = None
