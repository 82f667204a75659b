"""How the refusals of the shop are shown."""

from api.graphql.problems import ProblemCode, Rule, register_problems
from catalog.brands import BrandInvalid, BrandNotFound, BrandSlugTaken
from catalog.offers import OfferNotFound, OfferOver
from catalog.pricing import CurrencyNotOffered, RewardHasNoPrice
from catalog.rewards import (
    FaceNotOnSale,
    RewardInvalid,
    RewardNotFound,
    RewardNotPublishable,
)
from catalog.suppliers import (
    FeedUnreadable,
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierConflict,
    SupplierInvalid,
    SupplierNotFound,
    SupplierOrderMistaken,
    SupplierRefused,
    SupplierUnauthorised,
    SupplierUnknownOutcome,
)

_BRANDS_AND_SUPPLIERS = (
    Rule(
        BrandNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such brand.",
        "لا توجد علامة تجارية بهذا المعرّف.",
    ),
    Rule(
        BrandInvalid,
        ProblemCode.INVALID_INPUT,
        "The brand's name, slug or logo cannot be taken. Nothing changed.",
        "اسم العلامة التجارية أو معرّفها النصي أو شعارها غير مقبول. لم يتغير شيء.",
    ),
    Rule(
        BrandSlugTaken,
        ProblemCode.ALREADY_EXISTS,
        "Another brand has the slug {slug}. Nothing changed.",
        "المعرّف النصي {slug} مستخدم لعلامة أخرى. لم يتغير شيء.",
    ),
    Rule(
        SupplierNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such supplier.",
        "لا يوجد مورّد بهذا المعرّف.",
    ),
    Rule(
        SupplierInvalid,
        ProblemCode.INVALID_INPUT,
        "The supplier's name or terms cannot be taken. Nothing changed.",
        "اسم المورّد أو شروطه غير مقبولة. لم يتغير شيء.",
    ),
    Rule(
        SupplierConflict,
        ProblemCode.ALREADY_EXISTS,
        "The supplier {name} is registered on other terms. Nothing changed.",
        "المورّد {name} مسجّل بشروط أخرى. لم يتغير شيء.",
    ),
    Rule(
        FeedUnreadable,
        ProblemCode.DOCUMENT_REFUSED,
        "The supplier's catalogue cannot be read. Nothing changed.",
        "تعذّرت قراءة كتالوج المورّد. لم يتغير شيء.",
    ),
    Rule(
        SupplierUnknownOutcome,
        ProblemCode.IN_PROGRESS,
        "The supplier has not said yet whether the order was taken. It is being looked up.",
        "لم يؤكد المورّد بعد قبول الطلب. يجري التحقق منه.",
    ),
    Rule(
        SupplierOrderMistaken,
        ProblemCode.IN_PROGRESS,
        "The supplier took the order and tells it under another key. It is never sent again.",
        "قبل المورّد الطلب لكنه أورده بمفتاح آخر. لن يُرسل مرة أخرى.",
    ),
    Rule(
        SupplierBusy,
        ProblemCode.NOT_AVAILABLE,
        "The supplier cannot answer now. Nothing was ordered.",
        "المورّد لا يستجيب الآن. لم يُطلب شيء.",
    ),
    Rule(
        SupplierUnauthorised,
        ProblemCode.NOT_AVAILABLE,
        "The supplier does not accept our credentials. Nothing was ordered.",
        "لا يقبل المورّد بيانات اعتمادنا. لم يُطلب شيء.",
    ),
    Rule(
        SupplierAnswerInvalid,
        ProblemCode.NOT_AVAILABLE,
        "The supplier's answer cannot be understood.",
        "تعذّر فهم رد المورّد.",
    ),
    Rule(
        SupplierRefused,
        ProblemCode.NOT_AVAILABLE,
        "The supplier refuses the order. Nothing was ordered.",
        "رفض المورّد الطلب. لم يُطلب شيء.",
    ),
)

_REWARDS_AND_OFFERS = (
    Rule(
        RewardNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such reward.",
        "لا توجد مكافأة بهذا المعرّف.",
    ),
    Rule(
        RewardInvalid,
        ProblemCode.INVALID_INPUT,
        "The reward cannot be taken as it is described. Nothing changed.",
        "لا يمكن قبول المكافأة بهذا الوصف. لم يتغير شيء.",
    ),
    Rule(
        RewardNotPublishable,
        ProblemCode.STATE_CONFLICT,
        "The reward cannot be published any more. Nothing changed.",
        "لم يعد نشر المكافأة ممكنًا. لم يتغير شيء.",
    ),
    Rule(
        FaceNotOnSale,
        ProblemCode.NOT_AVAILABLE,
        "The reward has no such face value.",
        "هذه القيمة غير متاحة لهذه المكافأة.",
    ),
    Rule(
        RewardHasNoPrice,
        ProblemCode.INVALID_INPUT,
        "This reward is not bought, or its face value is missing.",
        "هذه المكافأة لا تُشترى أو أن قيمتها ناقصة.",
    ),
    Rule(
        CurrencyNotOffered,
        ProblemCode.CURRENCY_MISMATCH,
        "The reward is sold for {offered}, not for {asked}.",
        "تُباع المكافأة بعملة {offered} وليس {asked}.",
    ),
    Rule(
        OfferNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such offer.",
        "لا يوجد عرض بهذا المعرّف.",
    ),
    Rule(
        OfferOver,
        ProblemCode.NOT_AVAILABLE,
        "The offer is over. Nothing changed.",
        "انتهى العرض. لم يتغير شيء.",
    ),
)

register_problems((*_BRANDS_AND_SUPPLIERS, *_REWARDS_AND_OFFERS))
