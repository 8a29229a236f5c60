"""The address of a language model, as a person gives it."""

from urllib.parse import urlsplit

from cxresearch.study.schema import InputError

KEY = "CXRESEARCH_NAMES_KEY"  # the environment variable of its key


def host_of(address: str, model: str) -> str:
    """The host of names_from, with its port; "" where no address is given.

    Raises InputError, which does not repeat the address, where nobody could be asked there, where a
    key might stand in it, or where the model is not named.
    """
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or set("@?#\\ ").intersection(address) or not address.isprintable():
        raise InputError(
            "names_from must be an address that begins with http:// or https://, such as "
            "http://localhost:11434/v1, without a user or parameters: put a key into the "
            f"environment variable {KEY}."
        )
    if not model:
        raise InputError("names_from needs names_model: say what the language model is called.")
    return parts.netloc
