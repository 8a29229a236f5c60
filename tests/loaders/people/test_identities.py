"""People are joined to accounts by what both sides know, in the order named, by nothing else."""

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.loaders.people.free_mail import FREE_MAIL
from cxresearch.loaders.people.identities import METHODS, PEOPLE, join_people, without_addresses


def joined(*rows, order=METHODS):
    """By person the account and the method, from rows of what each is known by."""
    people = pd.DataFrame(list(rows), columns=list(PEOPLE), dtype="object")
    found = join_people(people, order).set_index("requester_id")
    return {who: tuple(row) for who, row in zip(found.index, found.to_numpy(), strict=True)}


def person(who="p", **known):
    return {"requester_id": who, **known}


def account(which="A", **known):
    return {"customer_id": which, **known}


MAIL, SITE = {"e-mail": "Ann@Globex.example"}, {"domain": "https://www.globex.example/about?x"}


@pytest.mark.parametrize(
    ("of_person", "of_account", "method"),
    [
        ({"key": "A"}, {"key": "A"}, "key"),
        ({"key": " a "}, {"key": "A"}, "key"),
        ({}, {"key": "p"}, "key"),
        ({"organization_id": "91"}, {"organization": "91"}, "organization"),
        ({"organization": "Globex S.A."}, {"organization": " GLOBEX S.A."}, "organization"),
        (MAIL, {"e-mail": "x@y.example; ann@globex.example"}, "e-mail"),
        (MAIL, {"e-mail": "Ann <ann@globex.example>"}, "e-mail"),
        (MAIL, SITE, "domain"),
        (MAIL, {"e-mail": "billing@globex.example"}, "domain"),
        ({"domain": "globex.example"}, {"domain": "@globex.example"}, "domain"),
        ({"domain": "a.example globex.example"}, {"domain": "b.example, globex.example"}, "domain"),
        # not the same thing, however alike
        (MAIL, {"domain": "support.globex.example"}, None),
        (MAIL, {"key": "A"}, None),
        ({"organization_id": "A"}, {"key": "A"}, None),
        ({"key": ""}, {"key": ""}, None),
        ({"e-mail": "not an address"}, {"e-mail": "not an address"}, None),
    ],
)
def test_a_person_is_joined_by_what_both_sides_know(of_person, of_account, method):
    wanted = {"p": ("A", method)} if method else {}
    assert joined(person(**of_person), account(**of_account)) == wanted


def test_an_address_that_stands_for_the_person_is_their_address():
    assert joined(person("Ann@Globex.example"), account(**SITE)) == {
        "Ann@Globex.example": ("A", "domain")
    }


def test_equal_numbers_of_two_systems_mean_nothing():
    """The help desk's person 501 is not the account 501, which is known by its own number."""
    assert joined(person("501"), account("501", key="501")) == {}
    assert joined(person("501", key="501"), account("501", key="501")) == {"501": ("501", "key")}


def test_people_belong_to_their_organizations_account():
    organization = {"organization_id": "91", "key": "A", "domain": "globex.example"}
    assert joined(person(organization_id="91"), organization, account(key="A")) == {
        "p": ("A", "key")
    }
    assert joined(person(organization_id="92"), organization, account(key="A")) == {}


@pytest.mark.parametrize("order", [("key", "e-mail"), ("e-mail", "key"), ("domain",)])
def test_the_first_way_in_the_order_counts_and_no_other_is_gone(order):
    rows = [person(key="A", **MAIL), account("A", key="A"), account("B", **MAIL)]
    assert joined(*rows, order=order) == {"p": ({"key": "A"}.get(order[0], "B"), order[0])}


def test_what_names_two_accounts_joins_nobody():
    reseller = {"e-mail": "it@reseller.example"}
    assert joined(person(**reseller), account("A", **reseller), account("B", **reseller)) == {}


def test_whom_one_way_joins_to_two_accounts_the_next_way_joins():
    rows = [person(key="A", **MAIL), person(key="B"), account("A", key="A"),
            account("B", key="B", **MAIL)]  # fmt: skip
    assert joined(*rows) == {"p": ("B", "e-mail")}


@pytest.mark.parametrize("domain", ["gmail.com", "yahoo.co.uk", "HOTMAIL.fr", "web.de", "me.com"])
def test_a_domain_at_which_everybody_may_have_an_address_joins_nobody(domain):
    theirs, ours = {"e-mail": f"ann@{domain}"}, {"e-mail": f"bob@{domain}", "domain": domain}
    assert joined(person(**theirs), account(**ours)) == {}
    assert joined(person(**theirs), account(**theirs)) == {"p": ("A", "e-mail")}


@pytest.mark.parametrize(
    "domain", ["globex.example", "live.globex.com", "notgmail.com", "me.com.x"]
)
def test_a_companys_own_domain_is_no_free_mail(domain):
    assert not re.search(FREE_MAIL, domain)


VALUE = st.sampled_from([None, "a", "b", "c"])
ROW = st.fixed_dictionaries({m: VALUE for m in ("key", "organization")})


@settings(max_examples=30, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=4), st.lists(ROW, min_size=1, max_size=4))
def test_it_is_what_a_plain_loop_finds(people, accounts):
    persons = [person(f"p{i}", **row) for i, row in enumerate(people)]
    theirs = [account(f"A{i}", **row) for i, row in enumerate(accounts)]
    wanted = {}
    for one in persons:
        for way in ("key", "organization"):
            fits = [a for a in theirs if a[way] and a[way] == one[way]]
            if len(fits) == 1 and one["requester_id"] not in wanted:
                wanted[one["requester_id"]] = (fits[0]["customer_id"], way)
    assert joined(*persons, *theirs) == wanted


def test_an_address_that_stands_for_somebody_becomes_the_same_hash_everywhere():
    tables = {
        "tickets": pd.DataFrame(
            {"requester_id": ["Ann@x.example", "7", None], "body": "a@x.example"}
        ),
        "identities": pd.DataFrame({"requester_id": ["ann@x.example "], "customer_id": ["A"]}),
    }
    found = without_addresses(tables)
    ann, seven, nobody = found["tickets"]["requester_id"]
    assert re.fullmatch(r"e-mail:[0-9a-f]{16}", ann)
    assert (seven, pd.isna(nobody), found["tickets"]["body"][0]) == ("7", True, "a@x.example")
    assert found["identities"]["requester_id"].tolist() == [ann]
    assert tables["tickets"]["requester_id"][0] == "Ann@x.example"


@pytest.mark.parametrize(
    "written",
    [
        "+49 30 1234567", "0049301234567", "+49 (0)30 1234567", "+49-30-1234567",
        "(0049) 30/1234567",
        "tel:+49301234567", "whatsapp:+49 30 1234567", "+49\u00a030\u20111234567", "+49.30.1234567",
    ],
)  # fmt: skip
def test_a_phone_number_becomes_the_same_hash_however_it_is_grouped(written):
    tables = {"tickets": pd.DataFrame({"requester_id": [written, "+49301234567", "7"]})}
    one, other, seven = without_addresses(tables)["tickets"]["requester_id"]
    assert re.fullmatch(r"phone:[0-9a-f]{16}", one)
    assert (one, seven) == (other, "7")


@pytest.mark.parametrize("written", ["030 1234567", "(555) 123-4567", "+1 555 123 4567 ext. 12"])
def test_a_number_without_a_country_is_a_phone_by_its_marks(written):
    tables = {"tickets": pd.DataFrame({"requester_id": [written]})}
    assert without_addresses(tables)["tickets"]["requester_id"].item().startswith("phone:")


@pytest.mark.parametrize(
    "written",
    [
        "501", "123456789", "490301234567", "0000137", "00001026", "2024-000123", "2026-03-02",
        "01.02.2026", "0.1234567", "5.01E+17", "1772442930.5", "10.0.0.1", "5003000000D8cuI",
        "5a3c-0049-3012", "2026-03-02 10:00", "open", "+1", "",
    ],
)  # fmt: skip
def test_an_id_a_date_or_a_number_is_no_phone(written):
    tables = {"tickets": pd.DataFrame({"requester_id": [written]})}
    assert without_addresses(tables)["tickets"]["requester_id"].item() == written


def test_digits_alone_are_a_phone_only_where_others_have_its_marks():
    plain = {"tickets": pd.DataFrame({"requester_id": ["0049301234567", "0024727149020"]})}
    kept = without_addresses(plain)["tickets"]["requester_id"].tolist()
    assert kept == ["0049301234567", "0024727149020"]
    beside = plain | {"surveys": pd.DataFrame({"customer_id": ["+49 30 1234567"]})}
    found = without_addresses(beside)
    assert found["tickets"]["requester_id"][0] == found["surveys"]["customer_id"][0]


def test_a_number_of_which_digits_are_lost_joins_nobody():
    lost = {"key": "5.01E+17"}
    assert joined(person(**lost), account(**lost)) == {}
    organization = {"organization_id": "5.01E+17", "key": "A"}
    assert joined(person(organization_id="5.01E+17"), organization, account(key="A")) == {}
