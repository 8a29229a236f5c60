"""python -m cxresearch.cli: the command line without an installed cxresearch command."""

from cxresearch.cli import app

if __name__ == "__main__":
    app()
