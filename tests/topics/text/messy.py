"""Texts made of what breaks patterns, for every test of text."""

from hypothesis import strategies as st

PIECES = st.sampled_from(
    [
        *("anna@example.com", "a@b", "@", "http://x.y/z?token=1", "www.", "<b>", "</pre>", "<pre>"),
        *(
            "&lt;",
            "&amp;",
            "\n",
            " ",
            "> ",
            "On Monday Bob wrote:",
            "Hi ",
            "Kind regards, ",
            "Anna",
        ),
        *(
            "Smith",
            "4111 1111 1111 1111",
            "+49 170 1234567",
            "123456",
            "-",
            ".",
            "[name]",
            "[",
            "]",
        ),
        *("DE89 3704 0044 0532 0130 00", "Mr. ", "```", "thanks", "2024-01-31", "(", "é", "٣٤٥٦٧٨"),
    ]
)
MESSY = st.lists(PIECES | st.text(max_size=6), max_size=25).map("".join)

HOSTILE = [
    "a",
    "a.",
    "1 ",
    "<",
    "<pre>",
    "a@",
    "www.",
    "Hi ",
    "\n",
    "```",
    "&lt;",
    "A ",
    "regards ",
]


def hostile(piece: str) -> str:
    """A long text of one piece again and again."""
    return piece * (200_000 // len(piece))
