"""The events of a conference."""

from bandwidth_calls.webhooks.event import ConferenceEvent, event, family


@event
class ConferenceCreatedEvent(ConferenceEvent):
    """The first member joined, so the conference began. The BXML of the reply may play to the conference.

    https://dev.bandwidth.com/docs/voice/webhooks/conferenceCreated
    """


@family
class ConferenceMemberEvent(ConferenceEvent):
    """The family of events of one member. `call_id` is the member's call."""

    call_id: str | None = None
    from_: str | None = None
    to: str | None = None


@event
class ConferenceMemberJoinEvent(ConferenceMemberEvent):
    """A member joined. The BXML of the reply may play to the conference.

    https://dev.bandwidth.com/docs/voice/webhooks/conferenceMemberJoin
    """


@event
class ConferenceMemberExitEvent(ConferenceMemberEvent):
    """A member left. The BXML of the reply may play to the conference.

    https://dev.bandwidth.com/docs/voice/webhooks/conferenceMemberExit
    """


@event
class ConferenceRedirectEvent(ConferenceEvent):
    """The conference was updated through the API. The BXML of the reply plays to the conference.

    https://dev.bandwidth.com/docs/voice/webhooks/conferenceRedirect
    """


@event
class ConferenceCompletedEvent(ConferenceEvent):
    """The last member left, so the conference ended. The reply is ignored.

    https://dev.bandwidth.com/docs/voice/webhooks/conferenceCompleted
    """
