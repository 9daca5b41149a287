"""`sessionproof report`: what it writes, what it prints, and what it says to what is no log."""

from pathlib import Path

from .command import sessionproof
from .report.samples import conforming, failing, write_log


def test_each_option_writes_its_file(tmp_path: Path) -> None:
    log = write_log(tmp_path / "run.jsonl", failing())
    files = {
        "--html": ("report.html", "<!DOCTYPE html>"),
        "--markdown": ("report.md", "## ❌ Does not conform"),
        "--badge": ("badge.svg", "<svg "),
        "--badge-json": ("badge.json", '{"schemaVersion": 1'),
    }
    arguments = [part for option, (name, _) in files.items() for part in (option, tmp_path / name)]
    done = sessionproof("report", log, *arguments)
    assert (done.code, done.out, done.err) == (0, "", "")
    for name, start in files.values():
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start), name


def test_without_an_option_it_prints_the_summary(tmp_path: Path) -> None:
    done = sessionproof("report", write_log(tmp_path / "run.jsonl", conforming()))
    assert done.code == 0
    assert done.out.startswith("\nCONFORMS: fake (model)\n")


def test_what_is_no_log_is_a_usage_problem(tmp_path: Path) -> None:
    log = tmp_path / "run.jsonl"
    for content in ("", "{}\n", "no json\n", '{"event": "header", "version": 1}\n'):
        log.write_text(content)
        done = sessionproof("report", log, "--html", tmp_path / "report.html")
        assert done.code == 3, content
        assert done.err.startswith("usage: ")
    assert sessionproof("report", tmp_path / "missing.jsonl").code == 3
    write_log(log, conforming())
    assert sessionproof("report", log, "--html", tmp_path / "missing" / "report.html").code == 3
