"""The door through which words are shown: names stay behind it, and there is no other."""

import re
from pathlib import Path

import cxresearch

PACKAGE = Path(cxresearch.__file__).parent
MASKED_BY_HAND = re.compile(r"\b(redact|excerpt)\b")


def beside_the_door(package: Path) -> list[str]:
    """Modules outside topics/text that mask words themselves, without the names of the study."""
    return [
        str(file.relative_to(package))
        for file in sorted(package.rglob("*.py"))
        if file.parent != package / "topics/text"
        and MASKED_BY_HAND.search(file.read_text(encoding="utf-8"))
    ]


def test_words_of_customers_are_shown_through_the_door_alone():
    """What topics are called is made without a study, of words that many share: no one's text. What
    a language model is told of them, if a person wants that, is masked where the names are known.
    The command line masks a file, of no study.
    """
    topics = ["topics/asked_names.py", "topics/fit.py", "topics/names.py"]
    assert beside_the_door(PACKAGE) == ["cli/__init__.py", "cli/taking_out.py", *topics]


def test_a_module_that_masks_by_itself_is_seen(tmp_path):
    (tmp_path / "topics/text").mkdir(parents=True)
    told = "from cxresearch.topics import text\n\nprint(text.excerpt('Hi Ann'))\n"
    (tmp_path / "page.py").write_text(told, encoding="utf-8")
    (tmp_path / "topics/text/shown.py").write_text(told, encoding="utf-8")
    assert beside_the_door(tmp_path) == ["page.py"]
