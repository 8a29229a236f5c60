"""The words that say what a cause is: which are allowed, and what each means in customers' words.

A word of a topic is suggested by how near the topic's tickets are to the sentences below (cosine of
the study's encoder), so a sentence here is one that a customer with such an issue could write.
"""

ISSUE_TYPE = {
    "product": (
        "A feature of the program does something else than it should.",
        "The numbers on two screens do not agree.",
        "I cannot find how to do this in the program.",
        "The device arrived damaged.",
        "How do I change this setting?",
    ),
    "service": (
        "The parcel has not been delivered.",
        "I am still waiting for my order.",
        "The technician did not come to the appointment.",
        "Please replace the broken item.",
        "I want to cancel my subscription and close my account.",
    ),
    "billing and payment": (
        "I was charged twice this month.",
        "The invoice is wrong.",
        "I have not received my refund.",
        "My payment was declined.",
        "What does this plan cost?",
    ),
    "communication": (
        "Nobody answers my messages.",
        "Every agent tells me something different.",
        "I was promised a call back and heard nothing.",
        "I was never told about this change.",
        "I do not want to get these newsletters.",
    ),
    "technical": (
        "The app crashes when I open it.",
        "It is very slow.",
        "The server returns an error and the connection fails.",
        "I cannot log in, the password is refused.",
        "Synchronisation does not work.",
        "Messages cannot be sent or received.",
    ),
    "other": (),
}
CAUSE_KIND = {
    "miscommunication": (
        "You told me something else before.",
        "I was promised a refund that was then refused.",
        "The help page says one thing and the agent another.",
        "I was not told that the price would change.",
    ),
    "training": (
        "I do not know how to do this, where do I find it?",
        "I do not understand what this setting means.",
        "The agent did not know the product.",
        "Is there a guide that explains it step by step?",
    ),
    "process failure": (
        "The invoice was issued twice.",
        "The refund was approved and never sent.",
        "The parcel went to the wrong address.",
        "My request was passed from one department to the next.",
    ),
    "technology": (
        "The app crashes since the update.",
        "The server returns an error.",
        "It is very slow and times out.",
        "Data has disappeared.",
        "The code does not arrive.",
    ),
    "empathy": (
        "The agent was rude to me.",
        "Nobody cares about my problem.",
        "I was treated badly and nobody apologised.",
        "I felt that I was not taken seriously.",
    ),
    "unknown": (),
}
CATEGORY = {
    "bug": (
        "The app crashes.",
        "It stopped working after the update.",
        "An error message appears every time.",
        "The numbers are wrong.",
    ),
    "user error": (
        "I deleted it by mistake.",
        "I pressed the wrong button.",
        "It was my own mistake.",
    ),
    "feature request": (
        "It would be great if you could add this.",
        "Please add an option for this.",
        "Is there a way to do this? I wish there were.",
        "The old version could do this, please bring it back.",
    ),
    "training need": (
        "How do I set this up?",
        "What does this setting mean?",
        "Where do I find this in the menu?",
        "What is the difference between these two?",
    ),
    "other": (),
}
SUGGESTED = {"issue_type": ISSUE_TYPE, "cause_kind": CAUSE_KIND, "category": CATEGORY}
NOTHING = {"issue_type": "other", "cause_kind": "unknown", "category": "other"}
EXIT_REQUEST = ("by words", "all", "none")
AVOIDABLE = ("yes", "no", "unknown")
HARMLESS = ("no", "yes")
ALLOWED = {
    **{key: tuple(words) for key, words in SUGGESTED.items()},
    "avoidable": AVOIDABLE,
    "exit_request": EXIT_REQUEST,
    "harmless": HARMLESS,
}
TEXTS = ("owner", "policy", "prevention")  # in a person's own words
KEYS = ("name", *SUGGESTED, *TEXTS, "avoidable", "effort", "exit_request", "harmless")
FIRST = {**dict.fromkeys(TEXTS, ""), "avoidable": "unknown", "effort": "unknown",
         "exit_request": "by words", "harmless": "no"}  # fmt: skip
SAYS = {
    "name": "what the cause is called. Topics with the same name are one cause: so they are merged",
    "issue_type": "where it hurts: product (it does the wrong thing, or nobody finds how), service "
    "(delivery, replacement, leaving), billing and payment, communication (what was said, or not), "
    "technical (errors, access, speed), other",
    "cause_kind": "why it arose, which a ticket seldom tells: miscommunication (said wrongly or "
    "too late), training (somebody did not know how), process failure (steps went wrong), "
    "technology (the machine failed), empathy (how people were treated), unknown",
    "category": "what would mend it: bug, user error, feature request, training need, other",
    "owner": "who can mend it: a team or a person's role, or a party outside such as a carrier; "
    "empty where nobody is named",
    "policy": "which rule, step or system of the company it comes from, such as refund approval; "
    "causes with the same words are added up; empty where nobody said",
    "prevention": "what would have prevented it, in a few words; causes with the same words are "
    "added up; empty where nobody said",
    "avoidable": "could it have been prevented: yes, no, unknown",
    "effort": "days of work to mend it, a number above 0, or unknown",
    "exit_request": "do its tickets ask to leave: by words (each ticket's own words decide), all, "
    "none",
    "harmless": "yes for a cause that surely makes nobody leave: a control, which would show that "
    "something else is at work",
}
