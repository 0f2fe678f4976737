"""What the control endpoints read and write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from bandwidth_calls.emulator import rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bandwidth_calls.emulator.calls.calls import Call


@attrs.frozen(eq=False, repr=False)
class ControlRequest:
    """What a control request asks: its body, its query, and the id of the call in its path."""

    body: Mapping[str, object]
    query: Mapping[str, str]
    call_id: str = ""

    def need_known(self, *names: str) -> None:
        """Raise a `ValueError` if the body has other fields than these."""
        rules.need_known(self.body, names)

    def keywords(self, kind: type[attrs.AttrsInstance]) -> dict[str, Any]:
        """Return the body, which may have only the fields of this attrs class; the class checks their values."""
        # Checked here, since a name such as `self` must not become an argument of a method.
        self.need_known(*attrs.fields_dict(kind))
        return dict(self.body)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a field that is text; a `ValueError` names it."""
        return rules.read_named(name, rules.not_blank, self.body.get(name, default))


def call_json(call: Call) -> dict[str, object]:
    """Return what the endpoints tell of a call."""
    return {**call.as_state(), "tag": call.tag, "request": call.request}
