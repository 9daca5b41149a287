"""The wheel holds everything, the lock files lock everything, and no tracked file names a machine or a registry."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT, SETUPTOOLS = PYPROJECT["project"], PYPROJECT["tool"]["setuptools"]
GROUPS = PYPROJECT["dependency-groups"]
EXTRAS = [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
TOP_LEVEL = ["model", "conformance", "diagrams"]
DRAWN = {".dot", ".html", ".md"}  # generated for readers of the repository; no code reads them

PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?P<rest>(?:.*\\\n)+.*)", re.MULTILINE)
REGISTRY = re.compile(r"https?://[^ ]*(pypi|npmjs|debian)\b")
MACHINE_PATH = re.compile(r"(?<![\w.}/])/(?:work|root|tmp|home|Users)/\w[^\s\"']*")


def package_folders() -> Iterator[Path]:
    """Every folder of ours that Python can import as a package, relative to the project."""
    for top in TOP_LEVEL:
        for marker in (ROOT / top).rglob("__init__.py"):
            yield marker.parent.relative_to(ROOT)


def locked(file: str) -> dict[str, str]:
    """The lock file as {name: version}; every entry must have a hash."""
    pins = {}
    for match in PIN.finditer((ROOT / file).read_text()):
        assert "--hash=sha256:" in match["rest"], f"{file}: {match['name']} has no hash"
        pins[match["name"]] = match["version"]
    return pins


def tracked_files() -> list[Path]:
    """The files that git has, or would have after `git add --all`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip(f"needs a git checkout: {listed.stderr.strip()}")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_every_package_is_listed_in_pyproject() -> None:
    folders = {".".join(["sessionproof", *folder.parts]) for folder in package_folders()}
    assert set(SETUPTOOLS["packages"]) == folders, "[tool.setuptools] packages must list every folder with __init__.py"


def test_every_top_level_package_is_seen_by_mypy_and_the_import_contract() -> None:
    names = {f"sessionproof.{top}" for top in TOP_LEVEL}
    assert set(PYPROJECT["tool"]["mypy"]["packages"]) == names
    assert set(PYPROJECT["tool"]["importlinter"]["root_packages"]) == names
    assert {link.name for link in (ROOT / ".types" / "sessionproof").iterdir()} == set(TOP_LEVEL)


def test_wheel_holds_every_module_template_and_type_marker(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for top in TOP_LEVEL:
        shutil.copytree(ROOT / top, source / top, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ["pyproject.toml", PROJECT["readme"], *PROJECT["license-files"]]:
        shutil.copy(ROOT / file, source)
    build = "import setuptools.build_meta as backend, sys; backend.build_wheel(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    packed = {name.removeprefix("sessionproof/") for name in names if name.startswith("sessionproof/")}
    expected = {
        path.relative_to(ROOT).as_posix()
        for top in TOP_LEVEL
        for path in (ROOT / top).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
        if path.suffix not in DRAWN or path.parent.name == "templates"
    }
    assert sorted(expected - packed) == [], "missing in the wheel: see [tool.setuptools] packages and package-data"
    assert sorted(packed - expected) == [], "in the wheel, but not in the folders"
    assert {f"{top}/py.typed" for top in TOP_LEVEL} <= packed
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


@pytest.mark.parametrize(
    ("file", "requirements"),
    [
        ("requirements.lock", [*PROJECT["dependencies"], *PYPROJECT["build-system"]["requires"]]),
        (
            "requirements-dev.lock",
            [*PROJECT["dependencies"], *EXTRAS, *PYPROJECT["build-system"]["requires"], *GROUPS["dev"]],
        ),
        ("requirements-node.lock", GROUPS["node"]),
    ],
)
def test_lock_file_satisfies_every_requirement(file: str, requirements: list[str]) -> None:
    pins = locked(file)
    for requirement in map(Requirement, requirements):
        version = pins.get(canonicalize_name(requirement.name))
        assert version, f"{file} has no {requirement.name}: python3 dev.py lock"
        assert requirement.specifier.contains(version), f"{file} has {requirement.name} {version}, not {requirement}"


def test_development_lock_contains_the_runtime_lock() -> None:
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()


def test_every_imported_library_is_a_declared_dependency() -> None:
    always = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    extra = {canonicalize_name(Requirement(line).name) for line in EXTRAS}
    distributions = packages_distributions()
    undeclared = set()
    for file in (path for top in TOP_LEVEL for path in (ROOT / top).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                modules = [node.module]
            else:
                continue
            declared = always | extra if node.col_offset else always  # an extra may be missing when a module is loaded
            roots = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - {"sessionproof"}
            for root in roots:
                if declared.isdisjoint(map(canonicalize_name, distributions.get(root, []))):
                    undeclared.add(f"{file.relative_to(ROOT)} imports {root}")
    assert not undeclared


def test_no_tracked_file_names_a_registry_host_or_a_path_of_one_machine() -> None:
    found = []
    for file in tracked_files():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # not a text file
        for number, line in enumerate(text.splitlines(), start=1):
            found += [f"{file.relative_to(ROOT)}:{number}: {hit[0]}" for hit in REGISTRY.finditer(line)]
            found += [f"{file.relative_to(ROOT)}:{number}: {hit[0]}" for hit in MACHINE_PATH.finditer(line)]
    assert not found
