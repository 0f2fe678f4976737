"""The far end of each number: the one that was set, else that of a magic number, else a person who answers."""

from __future__ import annotations

from fnmatch import fnmatchcase

from bandwidth_calls.emulator.far_end.script import FarEnd

# A choice. Matching takes time that grows with the pattern, and each call is matched with all patterns.
_LONGEST_PATTERN = 256
_PERSON = FarEnd()
# 555-0100 to 555-0199 are reserved for fiction, so nobody has these numbers. Area code 201 keeps them apart from
# the fictional numbers in the tests of users.
_MAGIC = {
    "+12015550110": _PERSON.busy(),
    "+12015550111": _PERSON.no_answer(),
    "+12015550112": _PERSON.reject(),
    "+12015550113": _PERSON.fail(),
    "+12015550114": _PERSON.not_reachable(),
    "+12015550120": _PERSON.machine(),
    "+12015550121": _PERSON.silence(),
    **{f"+1201555013{key}": _PERSON.press(str(key), after=3) for key in range(10)},
    "+12015550140": _PERSON.silence().hang_up(after=1),
    "+12015550141": _PERSON.silence().hang_up(after=10),
}


class Numbers:
    """The far ends by number. Of several patterns that match, the one that was set last counts."""

    def __init__(self) -> None:
        self._set: dict[str, FarEnd] = {}

    def set(self, pattern: str, far_end: FarEnd) -> None:
        """Set the far end of a number, or of all that match a pattern such as `+1919*`."""
        if not isinstance(pattern, str) or not pattern or not isinstance(far_end, FarEnd):
            raise TypeError("give a number or a pattern as text, and a FarEnd")
        if len(pattern) > _LONGEST_PATTERN:
            raise ValueError(f"number: must be at most {_LONGEST_PATTERN} characters")
        self._set.pop(pattern, None)
        self._set[pattern] = far_end

    def find(self, number: str) -> FarEnd:
        """Return the far end of a number."""
        for pattern, far_end in reversed(self._set.items()):
            if fnmatchcase(number, pattern):
                return far_end
        return _MAGIC.get(number, _PERSON)

    def clear(self) -> None:
        """Remove all far ends that were set."""
        self._set.clear()
