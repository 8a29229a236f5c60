"""What pyproject.toml cannot say: the notebooks at the top travel as cxresearch/notebooks."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["cxresearch*"]), "cxresearch.notebooks"],
    package_dir={"cxresearch.notebooks": "notebooks"},
)
