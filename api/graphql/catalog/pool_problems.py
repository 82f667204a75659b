"""How the refusals about described feeds and pools of codes are shown."""

from api.graphql.problems import ProblemCode, Rule, register_problems
from catalog.pools import NoCodeLeft, ReservationLost, TooManyReserved
from catalog.suppliers import AddressRefused, FeedSourceNotFound, MappingInvalid

_FEEDS = (
    Rule(
        MappingInvalid,
        ProblemCode.INVALID_INPUT,
        "The description of the feed cannot be taken. Nothing changed.",
        "لا يمكن قبول وصف الكتالوج. لم يتغير شيء.",
    ),
    Rule(
        AddressRefused,
        ProblemCode.INVALID_INPUT,
        "The address is not one that is fetched from. Nothing changed.",
        "لا يُجلب أي شيء من هذا العنوان. لم يتغير شيء.",
    ),
    Rule(
        FeedSourceNotFound,
        ProblemCode.NOT_FOUND,
        "No feed of this supplier has been described.",
        "لم يوصف أي كتالوج لهذا المورّد.",
    ),
)

_POOLS = (
    Rule(
        NoCodeLeft,
        ProblemCode.SOLD_OUT,
        "No card of this value is left. No money moved.",
        "لم تبقَ أي بطاقة بهذه القيمة. لم يتحرك أي مبلغ.",
    ),
    Rule(
        TooManyReserved,
        ProblemCode.LIMIT_EXCEEDED,
        "You keep as many cards reserved as you may; they are free again when their quotes expire.",
        "حجزت أكبر عدد مسموح من البطاقات، وتتاح مجددًا عند انتهاء عروض أسعارها.",
    ),
    Rule(
        ReservationLost,
        ProblemCode.NOT_AVAILABLE,
        "The card is no longer reserved for this quote. No money moved.",
        "لم تعد البطاقة محجوزة لهذا العرض. لم يتحرك أي مبلغ.",
    ),
)

register_problems((*_FEEDS, *_POOLS))
