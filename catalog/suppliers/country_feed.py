"""What is alike in catalogues whose items say by themselves in which countries they are sold.

A file may be about one country; its adapter puts that before the list as a fact, `country`, and
`isWhole` when the supplier's answer was damaged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from catalog.suppliers.countries import COUNTRIES
from catalog.suppliers.feed_checks import INSTRUCTIONS_LENGTH_MAX, ItemFields, shown
from catalog.suppliers.feed_rules import ReadItem
from catalog.suppliers.html_text import plain_text
from catalog.suppliers.json_pages import Members, Page
from catalog.suppliers.model import Feed, Reason, RefusedItem

HTML_LENGTH_MAX = 10 * INSTRUCTIONS_LENGTH_MAX

Element = Members | Reason
"""An item with what is said around it; or why there is none."""


def read_country(facts: Mapping[str, Any]) -> tuple[str | None, list[Reason]]:
    """Tell the country that a file is about, None for all, and why the file may not be whole."""
    country, doubts = facts.get("country"), []
    if facts.get("isWhole") not in (None, True):
        doubts.append(Reason("isWhole", "the supplier's answer was damaged"))
    if country is not None and not (isinstance(country, str) and country in COUNTRIES):
        doubts.append(Reason("country", f"must be a known country, is {shown(country)}"))
        country = None
    return country, doubts


def cleaned(value: Any) -> Any:
    """Make plain text of HTML. What is too long even for that stays, and is refused for its length."""
    return plain_text(value) if isinstance(value, str) and len(value) <= HTML_LENGTH_MAX else value


def is_elsewhere(element: Element, country: str | None) -> bool:
    """Tell whether an item is for certain not on sale in the country that the file is about."""
    if country is None or not isinstance(element, Members):
        return False
    countries = element.get("countries")
    if not isinstance(countries, list) or not countries:
        return False
    return all(isinstance(one, str) and one != country for one in countries)


def read_first_country(fields: ItemFields) -> str | None:
    """Read the first of an item's countries; all of them have to be known."""
    countries = fields.raw("countries")
    if not isinstance(countries, list) or not countries or len(countries) > len(COUNTRIES):
        fields.refuse("countries", "must be a list of countries")
        return None
    for index, country in enumerate(countries):
        if not (isinstance(country, str) and country in COUNTRIES):
            reason = f"must be a known country, is {shown(country)}"
            fields.refuse(f"countries.{index}", reason)
            return None
    return str(min(countries))


def read_rules(fields: ItemFields, paths: Sequence[str], *, path: str, what: str) -> str:
    """Join the texts that are to be read; `path` and `what` name them where they are too long."""
    texts = [text for text in (fields.lines(one) for one in paths) if text]
    rules = "\n\n".join(texts)
    if len(rules) > INSTRUCTIONS_LENGTH_MAX:
        most = f"at most {INSTRUCTIONS_LENGTH_MAX} are taken"
        fields.refuse(path, f"{what} are {len(rules)} long, {most}")
    return rules


def put_together(
    page: Page,
    elements: Sequence[Element],
    read: Sequence[ReadItem],
    *,
    country: str | None,
    doubts: Sequence[Reason],
    list_path: str,
) -> Feed:
    """Make a feed of what was read: an item for each country that it is sold in."""
    refused = [RefusedItem(one.index, one.sku, one.reasons) for one in read if one.item is None]
    if page.cut is not None:
        reason = Reason("$", f"the rest of the list cannot be read: {page.cut}")
        refused.append(RefusedItem(len(elements), None, (reason,)))
    remarks = (*page.remarks, *doubts, *_doubts(page, elements, refused, list_path))
    return Feed(
        items=tuple(
            replace(one.item, country=sold_in)
            for one in read
            if one.item is not None
            for sold_in in _countries(elements[one.index], country)
        ),
        refused=tuple(refused),
        is_complete=not remarks,
        remarks=remarks,
    )


def _doubts(
    page: Page, elements: Sequence[Element], refused: Sequence[RefusedItem], list_path: str
) -> list[Reason]:
    """Say why the file may not be the whole catalogue."""
    if page.cut is not None:
        return [Reason(list_path, page.cut)]
    if any(one.supplier_sku is None for one in refused):
        return [Reason(list_path, "a refused item does not say which one it is")]
    return [] if elements else [Reason(list_path, "there are no items")]


def _countries(element: Element, country: str | None) -> list[str]:
    assert isinstance(element, Members)  # whatever was taken is an object
    return [country] if country is not None else sorted(set(element["countries"]))
