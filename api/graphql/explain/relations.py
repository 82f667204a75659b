"""How objects of an explanation follow from each other, as sentences say it.

Each relation has a sentence for the whole and one for an amount of it, in English and Arabic.
"""

Both = tuple[str, str]


def _plain(english: str, arabic: str) -> tuple[Both, Both]:
    return (english, arabic), (english, arabic)


RELATIONS: dict[str, tuple[Both, Both]] = {
    "caused_by": _plain("{source} was caused by {target}.", "{source} سببه {target}."),
    "line_of": _plain("{source} is a line of {target}.", "{source} سطر من {target}."),
    "reverses": _plain(
        "{source} takes back {target}, in whole or in part.",
        "{source} يعكس {target} كليًا أو جزئيًا.",
    ),
    "earned_by": _plain("{source} was earned by {target}.", "{source} نتج عن {target}."),
    "follows_rule": _plain("{source} follows {target}.", "{source} وفق {target}."),
    "agreed_in": _plain("{source} was made under {target}.", "{source} تمّت بموجب {target}."),
    "quoted_at": _plain("{source} used {target}.", "{source} استخدم {target}."),
    "comes_from": _plain("{source} is value of {target}.", "{source} قيمتها من {target}."),
    "returns": (
        ("{source} brings back part of {target}.", "{source} يعيد جزءًا من {target}."),
        ("{source} brings back {amount} of {target}.", "{source} يعيد {amount} من {target}."),
    ),
    "made_by": (
        ("{source} was made by {target}.", "{source} أنشأها {target}."),
        ("{source} was made by {target}: {amount}.", "{source} أنشأها {target}: {amount}."),
    ),
    "carried_from": (
        ("{source} goes on with {target}.", "{source} تتابع {target}."),
        (
            "{source} goes on with {amount} of {target}, on the same terms.",
            "{source} تتابع {amount} من {target} بالشروط نفسها.",
        ),
    ),
    "took_from": (
        ("{source} took from {target}.", "{source} أخذ من {target}."),
        ("{source} took {amount} from {target}.", "{source} أخذ {amount} من {target}."),
    ),
    "gave_back_to": (
        ("{source} gave back to {target}.", "{source} أعاد إلى {target}."),
        ("{source} gave {amount} back to {target}.", "{source} أعاد {amount} إلى {target}."),
    ),
    "fell_into": _plain("{source} fell into {target}.", "{source} وقع في {target}."),
    "part_of": _plain("{source} is part of {target}.", "{source} جزء من {target}."),
    "contests": (
        ("{source} contests {target}.", "{source} يعترض على {target}."),
        ("{source} contests {amount} of {target}.", "{source} يعترض على {amount} من {target}."),
    ),
    "held_back_of": (
        ("{source} was held back of {target}.", "{source} حُجز من {target}."),
        (
            "{source} was held back of {target}: {amount}.",
            "{source} حُجز من {target}: {amount}.",
        ),
    ),
    "filed_in": (
        ("{source} stands in {target}.", "{source} مدرج في {target}."),
        ("{source} stands in {target} with {amount}.", "{source} مدرج في {target} بمبلغ {amount}."),
    ),
    "paid_as": _plain(
        "{source} is how the bank paid {target}.", "{source} يثبت أن البنك دفع {target}."
    ),
    "returned_as": _plain(
        "{source} is how {target} came back from the bank.",
        "{source} يثبت أن البنك أعاد {target}.",
    ),
    "settles": _plain("{source} settles {target}.", "{source} يسوّي {target}."),
    "ordered_by": _plain("{source} was ordered by {target}.", "{source} صدر عن {target}."),
    "carries_out": _plain("{source} carried out {target}.", "{source} نفّذت {target}."),
    "arrived_as": _plain(
        "{source} is how {target} arrived at the bank.", "{source} هو وصول {target} إلى البنك."
    ),
    "noticed_as": _plain("{source} is about {target}.", "{source} يخص {target}."),
    "priced_by": _plain("{source} was priced by {target}.", "{source} سُعّر بـ{target}."),
    "got_by": _plain("{source} was got by {target}.", "{source} نتج عن {target}."),
    "ordered_for": _plain("{source} was ordered for {target}.", "{source} طُلب من أجل {target}."),
    "held_on": _plain("{source} stands on {target}.", "{source} على {target}."),
}
