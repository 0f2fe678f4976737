"""What type checkers see of BXML."""

import os
import sys
from pathlib import Path

import pytest

api = pytest.importorskip("mypy.api", reason="mypy is not installed, so nobody can say what it would find")

# The package's face names the whole client: without it mypy reads a fifth of the files, and finds the same.
CONFIG = "[mypy]\nstrict = True\n[mypy-bandwidth_calls]\nfollow_imports = skip\n"
IMPORTS = "from bandwidth_calls.bxml import *\nfrom collections.abc import Sequence\n"

FINE = [
    'Response([SpeakSentence("Hello"), Gather([PlayAudio("menu.wav")], gather_url="/menu", max_digits=1)])',
    'Response([Transfer([PhoneNumber("+19195551234"), SipUri("sip:a@b")]), Conference("room"), Hangup()])',
    'verbs = [Hangup(), Pause(duration=1)]\nBxml(verbs)',
    'verbs: list[Verb] = []\nverbs.append(Pause(duration=1.5))\nResponse(tuple(verbs))',
    'Refer([SipUri("sip:a@b")])\nConnect()\nStartStream(destination="wss://x", mode="bidirectional")',
    'SpeakSentence(Ssml("<s>x</s>"), voice="julie", gender="male")',
    'text: str = Response().to_bxml()\nparse(text).check("conference")',
    'children: Sequence[SpeakSentence | PlayAudio] = Gather().children',
]  # fmt: skip

WRONG = [
    ('Gather([Hangup()])', "list-item"),
    ('Gather([Gather()])', "list-item"),
    ('Gather("text")', "arg-type"),
    ('Response([PhoneNumber("+19195551234")])', "list-item"),
    ('Response([Response()])', "list-item"),
    ('Response(["text"])', "list-item"),
    ('Response([Endpoint("e")])', "list-item"),
    ('Transfer([Conference("room")])', "list-item"),
    ('Transfer()', "call-arg"),
    ('Refer([PhoneNumber("+19195551234")])', "list-item"),
    ('StartStream([CustomParam(name="n", value="v")], destination="wss://x")', "list-item"),
    ('Connect([SipUri("sip:a@b")])', "list-item"),
    ('Gather([], "/menu")', "call-arg"),
    ('Gather(maxDigits=1)', "call-arg"),
    ('Gather(max_digits="1")', "arg-type"),
    ('Gather(max_digits=1.5)', "arg-type"),
    ('Gather(gather_method="PUT")', "arg-type"),
    ('Pause(duration="1")', "arg-type"),
    ('Ring(answer_call=1)', "arg-type"),
    ('Record(file_format="ogg")', "arg-type"),
    ('SpeakSentence("x", gender="other")', "arg-type"),
    ('Forward(to="+19195551234", diversion_treatment="other")', "arg-type"),
    ('Forward(to="+19195551234", diversion_reason="other")', "arg-type"),
    ('StartTranscription(tracks="all")', "arg-type"),
    ('StartStream(destination="wss://x", mode="other")', "arg-type"),
    ('SpeakSentence()', "call-arg"),
    ('SpeakSentence(5)', "arg-type"),
    ('PlayAudio(Ssml("x"))', "arg-type"),
    ('StartGather()', "call-arg"),
    ('Hangup(tag="x")', "call-arg"),
    ('Hangup("x")', "call-arg"),
    ('Tag("x").content = "y"', "misc"),
    ('Response().check("lobby")', "arg-type"),
    ('parse(5)', "arg-type"),
]  # fmt: skip


def test_mypy_sees_wrong_nesting_and_wrong_attributes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In strict mode, right snippets pass, and each mistake is an error of its own kind, on its own line."""
    file, config = tmp_path / "snippets.py", tmp_path / "mypy.ini"
    config.write_text(CONFIG)
    functions = [f"def f{number}() -> None:\n    " + line.replace("\n", "\n    ") for number, line in enumerate(FINE)]
    good = IMPORTS + "\n".join(functions) + "\n"
    file.write_text(good + "\n".join(line for line, _ in WRONG))
    monkeypatch.setenv("MYPYPATH", os.pathsep.join(path for path in sys.path if Path(path, "bandwidth_calls").is_dir()))
    options = ["--no-error-summary", "--follow-imports=silent", f"--config-file={config}", f"--cache-dir={tmp_path}"]

    out, err, _ = api.run([*options, str(file)])

    lines = [line.split(": ", 2) for line in out.splitlines() if ": error: " in line]
    start = good.count("\n") + 1
    found = [(int(place.split(":")[-1]), text.rsplit("[", 1)[-1].rstrip("]")) for place, _, text in lines]
    assert err == ""
    assert found == [(start + number, code) for number, (_, code) in enumerate(WRONG)]
