"""What is installed is said once, the same way everywhere; nothing of one machine is committed."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
# conda-forge's name for what PyPI calls otherwise
CONDA_NAMES = {"playwright-python": "playwright", "python-duckdb": "duckdb", "pytorch": "torch"}
PLANTED = {"tests/test_environment.py", "tests/report/test_page.py"}  # to see them found
FIVE_MEGABYTES = 5_000_000
# A home, a work folder or a temporary folder of one machine; not a web address that ends alike
MACHINE_PATH = re.compile(
    r"(?<![\w./:-])(?:/(?:home|Users|root|work|tmp|mnt|opt)/[\w.-]+|[A-Z]:\\\\?Users\\)"
)


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wanted(project):
    """Requirements by name, with their bounds, of pyproject.toml and its test extras."""
    lines = project["dependencies"] + project["optional-dependencies"]["test"]
    return {canonicalize_name(r.name): r.specifier for r in map(Requirement, lines)}


@pytest.fixture(scope="module")
def conda():
    """The packages of environment.yml by conda, and those by pip."""
    text = re.sub(r"\s*#.*", "", (ROOT / "environment.yml").read_text(encoding="utf-8"))
    by_conda, by_pip = text.split("dependencies:")[1].split("- pip:")
    return [re.findall(r"^\s+- (.+)$", part, re.MULTILINE) for part in (by_conda, by_pip)]


@pytest.fixture(scope="module")
def pins():
    return (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def locked():
    """The lines of requirements.lock by package: its pin with its marker, then its hashes."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace(" \\\n    ", "\n    ")
    return re.split(r"\n(?! )", text.rstrip("\n"))


@pytest.fixture(scope="module")
def committed():
    got = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if got.returncode:
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in got.stdout.decode().split("\0") if name]
    return [file for file in files if file.is_file()]


def named(lines):
    found = map(Requirement, lines)
    return {canonicalize_name(CONDA_NAMES.get(r.name, r.name)): r.specifier for r in found}


def test_environment_yml_and_pyproject_name_the_same_packages_with_the_same_bounds(wanted, conda):
    by_conda, by_pip = conda
    assert by_pip[-1] == "-e .[test]"
    both = named(by_conda) | named(by_pip[:-1])
    python, _ = both.pop("python"), both.pop("pip")
    assert both == wanted
    assert str(python) == ">=3.11"


def test_python_is_the_same_everywhere(project):
    assert project["requires-python"] == ">=3.11"


def test_every_name_in_the_map_is_used(conda):
    assert set(CONDA_NAMES) <= {Requirement(line).name for line in conda[0]}


def test_constraints_are_plain_pins(pins):
    """No address, path, hash, marker or local version such as +cpu."""
    odd = [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9][\w.-]*==[0-9][0-9A-Za-z.]*", pin)]
    assert odd == []


def test_constraints_are_sorted_and_name_a_package_once(pins):
    names = [canonicalize_name(pin.split("==")[0]) for pin in pins]
    assert len(set(names)) == len(names)
    assert pins == sorted(pins, key=str.upper)  # as sort -f does


def test_torch_is_pinned_to_the_build_without_surprises(pins):
    assert "torch==2.13.0" in pins


def test_constraints_pin_every_package_within_its_bounds(pins, wanted):
    pinned = {canonicalize_name(name): version for name, version in (p.split("==") for p in pins)}
    assert wanted.keys() - pinned.keys() == set()
    beyond = [name for name, bounds in wanted.items() if not bounds.contains(pinned[name])]
    assert beyond == []


def test_the_lock_pins_what_the_constraints_pin_and_else_only_what_other_machines_need(
    locked, pins
):
    def pinned(requirement):
        return canonicalize_name(requirement.name), str(requirement.specifier)

    wanted = [Requirement(package.split("\n")[0]) for package in locked]
    constrained = set(map(pinned, map(Requirement, pins)))
    assert constrained - set(map(pinned, wanted)) == set(), "run 'make lock'"
    beyond = [one for one in wanted if pinned(one) not in constrained]
    assert [one.name for one in beyond if not re.search("platform|os_name", str(one.marker))] == []


def test_every_package_of_the_lock_has_hashes_and_no_address(locked):
    hashed = r"[\w.-]+==[\w.]+( ; [\w ().<>=!']+)?(\n    --hash=sha256:[0-9a-f]{64})+"
    assert [package for package in locked if not re.fullmatch(hashed, package)] == []


def test_what_runs_here_is_what_is_pinned(pins):
    """Only where the environment was made from the constraints, as make does."""
    from importlib.metadata import version

    if not (Path(sys.prefix) / "installed-test").exists():
        pytest.skip("this environment was not made by make")
    found = {pin.split("==")[0]: pin.split("==")[1] for pin in pins}
    for name in ("pandas", "duckdb", "statsmodels", "bertopic", "nbclient"):
        assert version(name) == found[name]


def test_no_committed_file_is_over_five_megabytes(committed):
    assert [file for file in committed if file.stat().st_size > FIVE_MEGABYTES] == []


def test_no_committed_file_names_a_place_on_one_machine(committed):
    texts = {str(file.relative_to(ROOT)): file.read_bytes() for file in committed}
    found = {
        name: place[0]
        for name, text in texts.items()
        if b"\0" not in text and name not in PLANTED
        and (place := MACHINE_PATH.search(text.decode("utf-8", "replace")))
    }  # fmt: skip
    assert found == {}


@pytest.mark.parametrize(
    "text", ["see /home/ann/data", '"/tmp/x.csv"', "C:\\Users\\ann", "in /root/x"]
)
def test_a_place_on_one_machine_is_seen(text):
    assert MACHINE_PATH.search(text)


@pytest.mark.parametrize(
    "text", ["https://a.org/home/x", "and/or/work", "./tmp/x", "/work/ is done"]
)
def test_an_address_is_no_place_on_a_machine(text):
    assert not MACHINE_PATH.search(text)
