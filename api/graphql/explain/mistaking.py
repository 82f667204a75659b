"""What orders tell, to staff, that suppliers took and that nobody had anything of."""

from collections.abc import Sequence

from api.graphql.explain.books import CAUSES, tell_journals
from api.graphql.explain.earning import plain
from api.graphql.explain.graph import ROWS_MAX, Finding, Look, Ref, Said, Who, adds, reads
from catalog import redemptions

CAUSES |= {"mistaken_order": "MistakenOrder"}


@reads("MistakenOrder")
async def read_mistaken_orders(look: Look, refs: Sequence[Ref]) -> list[Finding]:
    """Read mistaken orders, with all that was proposed of them and who agreed."""
    found = await redemptions.list_mistaken_orders(
        look.db,
        network_id=look.network_id,
        mistaken_order_ids=[one.key for one in refs],
        limit=len(refs),
    )
    return [_mistaken_order(one) for one in found]


adds("MistakenOrder")(tell_journals)


@adds("Redemption")
async def tell_mistaken_orders(look: Look, found: Sequence[Finding]) -> None:
    """Say which mistaken orders were made for redemptions."""
    by_key = {one.ref.key: one for one in found}
    if not look.is_staff or not by_key:
        return
    listed = await redemptions.list_mistaken_orders(
        look.db, network_id=look.network_id, redemption_ids=list(by_key), limit=ROWS_MAX
    )
    for one in listed:
        ref = Ref("MistakenOrder", one.mistaken_order_id)
        by_key[one.redemption_id].leads_to(ref, "ordered_for")


def _mistaken_order(one: redemptions.MistakenOrder) -> Finding:
    name = one.reference or one.supplier_key
    made = Finding(
        Ref("MistakenOrder", one.mistaken_order_id),
        Said("label.mistaken_order", {"reference": name}),
        one,
        at=one.noticed_at,
        amount=one.expected_cost,
    )
    made.facts = {
        "state": one.state.value,
        "kind": one.kind.value,
        "supplierKey": one.supplier_key,
        "reference": one.reference or "-",
    }
    owner = Who("supplier", str(one.supplier_id))
    said = f"mistaken_order.{one.kind.value}"
    made.say(said, owner=owner, order=one.supplier_key, at=one.noticed_at)
    for agreed in one.resolutions:
        _tell_resolution(made, agreed)
    waiting = one.proposed
    if waiting is not None:
        made.say(
            "mistaken_order.proposed",
            maker=waiting.proposed_by,
            at=waiting.proposed_at,
            outcome=waiting.outcome.value,
            remark=waiting.remark,
        )
    if one.state is redemptions.MistakenOrderState.SETTLED and one.ended_at is not None:
        made.say("mistaken_order.settled", at=one.ended_at)
    made.follows(Ref("Redemption", one.redemption_id), "ordered_for")
    return made


def _tell_resolution(made: Finding, agreed: redemptions.OrderResolution) -> None:
    if agreed.approved_by is None or agreed.approved_at is None:
        return
    about = {"maker": agreed.proposed_by, "who": agreed.approved_by, "remark": agreed.remark}
    if agreed.charged is None:
        made.say("mistaken_order.cancelled", at=agreed.approved_at, **about)
    else:
        made.facts["charged"] = plain(agreed.charged)
        made.say(
            "mistaken_order.written_off", amount=agreed.charged, at=agreed.approved_at, **about
        )
