"""BXML as the body of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandwidth_calls import checks

if TYPE_CHECKING:
    from bandwidth_calls.bxml import Bxml, Response

BXML_TYPE = "application/xml"
_MOST_BYTES = 65_536  # the service's limit


def document_body(bxml: str | bytes | Response | Bxml) -> bytes:
    """Return a document as it is sent: text and bytes unchanged, at most 65,536 bytes."""
    if not isinstance(bxml, str | bytes):
        bxml = _rendered(bxml)
    document = checks.text("bxml", bxml).encode() if isinstance(bxml, str) else bxml
    if not 0 < len(document) <= _MOST_BYTES:
        raise ValueError(f"bxml: must have 1 to {_MOST_BYTES:,} bytes, not {len(document):,}")
    return document


def _rendered(document: Response | Bxml) -> str:
    from bandwidth_calls.bxml import Bxml, Response  # here, so that a client starts without its thirty classes

    if not isinstance(document, Response | Bxml):
        raise ValueError(f"bxml: must be a Response, a Bxml, text or bytes, not {type(document).__name__}")
    return document.to_bxml()
