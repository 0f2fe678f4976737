"""What the tests of BXML share."""

from bandwidth_calls.bxml import Response, Verb

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def rendered(verb: Verb) -> str:
    """Render one verb, without the document around it."""
    text = Response([verb]).to_bxml()
    return text.removeprefix(f"{DECLARATION}<Response>").removesuffix("</Response>")
