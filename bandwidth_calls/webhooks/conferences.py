"""The events of a conference."""

from bandwidth_calls.webhooks.event import ConferenceEvent, event


@event
class ConferenceCreatedEvent(ConferenceEvent):
    """The first member joined. The reply may play to the conference.

    https://dev.bandwidth.com/docs/voice/webhooks/conferenceCreated
    """


@event
class ConferenceMemberEvent(ConferenceEvent):
    """The family of events of one member, whose call is `call_id`."""

    call_id: str | None = None
    from_: str | None = None
    to: str | None = None


@event
class ConferenceMemberJoinEvent(ConferenceMemberEvent):
    """A member joined. The reply may play to the conference.

    https://dev.bandwidth.com/docs/voice/webhooks/conferenceMemberJoin
    """


@event
class ConferenceMemberExitEvent(ConferenceMemberEvent):
    """A member left. The reply may play to the conference.

    https://dev.bandwidth.com/docs/voice/webhooks/conferenceMemberExit
    """


@event
class ConferenceRedirectEvent(ConferenceEvent):
    """An update of the conference by API asks for BXML: the reply plays to the conference.

    https://dev.bandwidth.com/docs/voice/webhooks/conferenceRedirect
    """


@event
class ConferenceCompletedEvent(ConferenceEvent):
    """The last member left. The reply is ignored.

    https://dev.bandwidth.com/docs/voice/webhooks/conferenceCompleted
    """
