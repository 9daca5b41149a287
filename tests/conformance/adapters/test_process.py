"""Starting and stopping a target by its own command."""

import os
import socket
import sys
from pathlib import Path

import pytest
from sessionproof.conformance.adapters.problems import TargetNotStarted
from sessionproof.conformance.adapters.process import NotTrusted, TargetProcess
from sessionproof.conformance.adapters.target_sections import Start


def script(code: str, **options: float) -> Start:
    return Start(command=[sys.executable, "-u", "-c", code], ready="ready ", **options)


def test_nothing_runs_without_trust(tmp_path: Path) -> None:
    start = script(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(NotTrusted, match="--trust"), TargetProcess(start, tmp_path, {}):
        pass
    assert not (tmp_path / "ran").exists()


def test_target_runs_in_its_folder_with_its_environment_until_the_end(tmp_path: Path) -> None:
    start = script(
        "import os, time; print(os.getcwd(), os.environ['A'], file=open('out', 'w'));print('ready now'); time.sleep(60)"
    )
    with TargetProcess(start, tmp_path, {"A": "1"}, trust=True) as process:
        pid = process.pid
        assert pid is not None
        assert (tmp_path / "out").read_text().split() == [str(tmp_path.resolve()), "1"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_children_are_stopped_too(tmp_path: Path) -> None:
    """A child that ignores SIGTERM and whose parent ends at once: its connection to us closes only when it is gone."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        child = (
            "import signal, socket, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
            f"s = socket.create_connection({listener.getsockname()!r}); print('ready ', flush=True); time.sleep(60)"
        )
        start = script(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])")
        with TargetProcess(start, tmp_path, dict(os.environ), trust=True):
            connection, _ = listener.accept()
            connection.settimeout(0.05)
            with pytest.raises(TimeoutError):
                connection.recv(1)
        with connection:
            connection.settimeout(5)
            assert connection.recv(1) == b""


@pytest.mark.parametrize(
    ("code", "timeout", "what"),
    [
        ("import sys; sys.exit('port 8201 is in use')", 30, "ended with exit code 1.*port 8201 is in use"),
        ("import time; print('almost'); time.sleep(60)", 0.3, "did not print “ready ” within 0.3 seconds"),
    ],
)
def test_target_that_does_not_get_ready(tmp_path: Path, code: str, timeout: float, what: str) -> None:
    process = TargetProcess(script(code, timeout=timeout), tmp_path, {}, trust=True)
    with pytest.raises(TargetNotStarted, match=what), process:
        pass
    assert process.pid is None


def test_program_that_does_not_exist(tmp_path: Path) -> None:
    start = Start(command=["./absent"], ready="x")
    with (
        pytest.raises(TargetNotStarted, match=r"\./absent.*start\.command"),
        TargetProcess(start, tmp_path, {}, trust=True),
    ):
        pass
