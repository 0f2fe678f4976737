import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bandwidth_calls.bxml import Gather, PlayAudio, Response, SpeakSentence, Ssml, Tag, parse
from bandwidth_calls.bxml.__main__ import main

GOOD = "<Response><Hangup/></Response>"
FAULTY = "<Response>\n  <Gather maxDigits='51'><Hangup/></Gather>\n  <Dial/>\n</Response>"


def written(folder: Path, name: str, text: str) -> str:
    """Write a file, and return its name."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_good_file_is_passed_in_silence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file without a fault gives no output, and the exit code 0."""
    code = main([written(tmp_path, "good.xml", GOOD)])

    assert code == 0
    assert capsys.readouterr() == ("", "")


def test_every_fault_is_told_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each fault has its own line, in the order of the text, and the exit code is 1."""
    good, faulty = written(tmp_path, "good.xml", GOOD), written(tmp_path, "faulty.xml", FAULTY)

    code = main([faulty, good])

    assert code == 1
    assert capsys.readouterr().err.splitlines() == [
        f"{faulty}:2:3: Response > Gather[0].maxDigits: must be 1 to 50, not 51",
        f"{faulty}:2:26: Response > Gather[0] > Hangup: not allowed here",
        f"{faulty}:3:3: Response > Dial: no such verb",
    ]


def test_every_fault_of_a_sentence_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each element that is no SSML has its own line."""
    file = written(tmp_path, "a.xml", "<Bxml><SpeakSentence><b/><s><i/></s></SpeakSentence></Bxml>")

    code = main([file])

    assert code == 1
    assert [line.removeprefix(f"{file}:") for line in capsys.readouterr().err.splitlines()] == [
        "1:22: Bxml > SpeakSentence[0] > b: not an SSML element",
        "1:29: Bxml > SpeakSentence[0] > i: not an SSML element",
    ]


def test_the_context_is_checked_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --context, each verb that the context does not allow has a line with its place in the file."""
    file = written(tmp_path, "a.xml", "<Response>\n<Hangup/>\n<SpeakSentence>x</SpeakSentence> <Pause/></Response>")

    code = main(["--context", "conference", file])

    assert code == 1
    assert capsys.readouterr().err.splitlines() == [
        f"{file}:2:1: Response > Hangup: not allowed in conference documents",
        f"{file}:3:34: Response > Pause: not allowed in conference documents",
    ]


def test_format_prints_an_equal_document(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """With --format a document is printed on several lines, in UTF-8, and reads back equal."""
    document = Response([SpeakSentence(Ssml("é <s>a</s>\n b")), Gather([PlayAudio("a.wav")]), Tag(" ")])

    code = main(["--format", written(tmp_path, "a.xml", document.to_bxml())])

    out, err = capfdbinary.readouterr()
    assert (code, err) == (0, b"")
    assert len(out.splitlines()) > len(document.children)
    assert parse(out) == document


def test_format_prints_no_faulty_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --format, a document with a fault, also of its context, is not printed."""
    faulty, out_of_place = written(tmp_path, "faulty.xml", FAULTY), written(tmp_path, "good.xml", GOOD)

    codes = main(["--format", faulty]), main(["--format", "--context", "conference", out_of_place])

    assert codes == (1, 1)
    assert capsys.readouterr().out == ""


def test_faults_come_in_the_order_of_the_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Stray text and wrong elements are reported in the order of the text."""
    file = written(tmp_path, "a.xml", "<Bxml>\n<Dial/>\ntext</Bxml>")

    main([file])

    assert capsys.readouterr().err.splitlines() == [
        f"{file}:2:1: Bxml > Dial: no such verb",
        f"{file}:3:1: Bxml: text is not allowed here",
    ]


def test_format_refuses_what_grows_too_long(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A document that indentation makes too long is a fault."""
    file = written(tmp_path, "long.xml", f"<Response>{'<Hangup/>' * 6_500}</Response>")

    code = main(["--format", file])

    out, err = capsys.readouterr()
    assert (code, out) == (1, "")
    assert err.startswith(f"{file}:1:1: Response: must have at most 65536 bytes of UTF-8, not ")


def test_an_unreadable_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file gives the exit code 2, and the other files are still checked."""
    missing, faulty = str(tmp_path / "missing.xml"), written(tmp_path, "faulty.xml", "<Hangup/>")

    code = main([missing, faulty])

    assert code == 2
    assert capsys.readouterr().err.splitlines() == [
        f"{missing}: No such file or directory",
        f"{faulty}:1:1: Hangup: must be Response or Bxml",
    ]


def test_a_dash_is_the_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A dash reads the standard input as bytes."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("<Bxml><é/></Bxml>".encode("utf-16"))))

    code = main(["-"])

    assert code == 1
    assert capsys.readouterr().err == "-:1:7: Bxml > é: no such verb\n"


@pytest.mark.parametrize("arguments", [[], ["--context", "lobby", "-"], ["--frobnicate", "-"]])
def test_wrong_usage_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A command without a file, or with an unknown option, gives the exit code 2."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    usage = capsys.readouterr().err
    assert "usage: python -m bandwidth_calls.bxml" in usage
    assert "FILE [FILE ...]" in usage


def test_it_runs_as_a_module() -> None:
    """`python -m bandwidth_calls.bxml` reads a document, reports its faults and exits."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    done = subprocess.run(
        [sys.executable, "-m", "bandwidth_calls.bxml", "-"],
        input=b"<Hangup/>",
        capture_output=True,
        env=environment,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.strip() == b"-:1:1: Hangup: must be Response or Bxml"
