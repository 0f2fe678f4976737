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
    """Write a file, and give its name."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_good_file_is_passed_in_silence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file without fault gives no output, and 0."""
    code = main([written(tmp_path, "good.xml", GOOD)])

    assert code == 0
    assert capsys.readouterr() == ("", "")


def test_every_fault_is_told_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each fault of each file has a line of its own, in the order of the text, and the result is 1."""
    good, faulty = written(tmp_path, "good.xml", GOOD), written(tmp_path, "faulty.xml", FAULTY)

    code = main([faulty, good])

    assert code == 1
    assert capsys.readouterr().err.splitlines() == [
        f"{faulty}:2:3: Response > Gather[0].maxDigits: must be 1 to 50, not 51",
        f"{faulty}:2:26: Response > Gather[0] > Hangup: not allowed here",
        f"{faulty}:3:3: Response > Dial: no such verb",
    ]


def test_every_fault_of_a_sentence_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Elements that are no SSML are told one by one."""
    file = written(tmp_path, "a.xml", "<Bxml><SpeakSentence><b/><s><i/></s></SpeakSentence></Bxml>")

    code = main([file])

    assert code == 1
    assert [line.removeprefix(f"{file}:") for line in capsys.readouterr().err.splitlines()] == [
        "1:22: Bxml > SpeakSentence[0] > b: not an SSML element",
        "1:29: Bxml > SpeakSentence[0] > i: not an SSML element",
    ]


def test_the_context_is_checked_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --context, each verb that the place does not allow is told with its place in the file."""
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
    """With --format, a file with a fault is not printed, nor one that its place does not allow."""
    faulty, out_of_place = written(tmp_path, "faulty.xml", FAULTY), written(tmp_path, "good.xml", GOOD)

    codes = main(["--format", faulty]), main(["--format", "--context", "conference", out_of_place])

    assert codes == (1, 1)
    assert capsys.readouterr().out == ""


def test_faults_come_in_the_order_of_the_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Stray text and wrong elements are told as they come, whichever was looked for first."""
    file = written(tmp_path, "a.xml", "<Bxml>\n<Dial/>\ntext</Bxml>")

    main([file])

    assert capsys.readouterr().err.splitlines() == [
        f"{file}:2:1: Bxml > Dial: no such verb",
        f"{file}:3:1: Bxml: text is not allowed here",
    ]


def test_format_refuses_what_grows_too_long(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A document that is too long once it is indented is told so."""
    file = written(tmp_path, "long.xml", f"<Response>{'<Hangup/>' * 6_500}</Response>")

    code = main(["--format", file])

    out, err = capsys.readouterr()
    assert (code, out) == (1, "")
    assert err.startswith(f"{file}:1:1: Response: must have at most 65536 bytes of UTF-8, not ")


def test_an_unreadable_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there gives 2, and the others are still checked."""
    missing, faulty = str(tmp_path / "missing.xml"), written(tmp_path, "faulty.xml", "<Hangup/>")

    code = main([missing, faulty])

    assert code == 2
    assert capsys.readouterr().err.splitlines() == [
        f"{missing}: No such file or directory",
        f"{faulty}:1:1: Hangup: must be Response or Bxml",
    ]


def test_a_dash_is_the_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The standard input is read as bytes, and named by a dash."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("<Bxml><é/></Bxml>".encode("utf-16"))))

    code = main(["-"])

    assert code == 1
    assert capsys.readouterr().err == "-:1:7: Bxml > é: no such verb\n"


@pytest.mark.parametrize("arguments", [[], ["--context", "lobby", "-"], ["--frobnicate", "-"]])
def test_wrong_usage_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """No file, or an option that is not there, gives 2."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert "usage: python -m bandwidth_calls.bxml" in capsys.readouterr().err


def test_it_runs_as_a_module() -> None:
    """`python -m bandwidth_calls.bxml` reads, judges and exits."""
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
