"""How the refusals of the shop are shown."""

from api.graphql.problems import ProblemCode, Rule, register_problems
from catalog.brands import BrandInvalid, BrandNotFound, BrandSlugTaken
from catalog.offers import OfferNotFound, OfferOver
from catalog.pricing import CurrencyNotOffered, RewardHasNoPrice
from catalog.rewards import (
    FaceNotOnSale,
    ImportDeciderStartedIt,
    ImportNotFound,
    ImportNotWaiting,
    ImportOutdated,
    ImportPolicyInvalid,
    RewardIncomplete,
    RewardInvalid,
    RewardMatchConflict,
    RewardMatchNotFound,
    RewardNotFound,
    RewardNotPublishable,
    RewardPaused,
    RewardReasonInvalid,
    RewardStateConflict,
    RewardSubmitterDecides,
    RewardTimeInvalid,
    RewardWithdrawn,
)
from catalog.search import SearchInvalid
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

_IMPORTS = (
    Rule(
        ImportNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such import.",
        "لا توجد عملية استيراد بهذا المعرّف.",
    ),
    Rule(
        ImportNotWaiting,
        ProblemCode.STATE_CONFLICT,
        "The import does not wait for anybody's approval. Nothing changed.",
        "لا تنتظر عملية الاستيراد موافقة أحد. لم يتغير شيء.",
    ),
    Rule(
        ImportOutdated,
        ProblemCode.STATE_CONFLICT,
        "A later import of the same supplier decides what is on sale. Nothing changed.",
        "عملية استيراد أحدث للمورّد نفسه تحدد ما هو معروض للبيع. لم يتغير شيء.",
    ),
    Rule(
        ImportDeciderStartedIt,
        ProblemCode.MAKER_IS_CHECKER,
        "Whoever started an import may not decide about it: a second person is needed."
        " Nothing changed.",
        "لا يجوز لمن بدأ عملية الاستيراد أن يبتّ فيها، يلزم شخص ثانٍ. لم يتغير شيء.",
    ),
    Rule(
        ImportPolicyInvalid,
        ProblemCode.INVALID_INPUT,
        "The share is 0 to 10000 basis points, and the number 0 to 1000000. Nothing changed.",
        "الحصة من 0 إلى 10000 نقطة أساس، والعدد من 0 إلى 1000000. لم يتغير شيء.",
    ),
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
        RewardMatchNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such match.",
        "لا توجد مطابقة بهذا المعرّف.",
    ),
    Rule(
        RewardMatchConflict,
        ProblemCode.STATE_CONFLICT,
        "One of the two is off sale, or sold as a third by now. Nothing changed.",
        "إحدى المكافأتين غير معروضة الآن أو تُباع باعتبارها مكافأة ثالثة. لم يتغير شيء.",
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
        SearchInvalid,
        ProblemCode.INVALID_INPUT,
        "This cannot be searched for.",
        "لا يمكن البحث عن هذا.",
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

_LIFECYCLE = (
    Rule(
        RewardStateConflict,
        ProblemCode.STATE_CONFLICT,
        "The reward is {state}. Possible is: {possible}. Nothing changed.",
        "حالة المكافأة {state}. الممكن هو: {possible}. لم يتغير شيء.",
    ),
    Rule(
        RewardIncomplete,
        ProblemCode.INVALID_INPUT,
        "The reward lacks this before it can be reviewed. Nothing changed.",
        "ينقص المكافأة هذا قبل مراجعتها. لم يتغير شيء.",
    ),
    Rule(
        RewardSubmitterDecides,
        ProblemCode.MAKER_IS_CHECKER,
        "Whoever submitted a reward may not decide about it: a second person is needed."
        " Nothing changed.",
        "لا يجوز لمن قدّم المكافأة للمراجعة أن يبتّ فيها، يلزم شخص ثانٍ. لم يتغير شيء.",
    ),
    Rule(
        RewardTimeInvalid,
        ProblemCode.INVALID_INPUT,
        "This instant is over already. Nothing changed.",
        "هذا الوقت قد مضى. لم يتغير شيء.",
    ),
    Rule(
        RewardReasonInvalid,
        ProblemCode.INVALID_INPUT,
        "A reason is a text of 1 to 500 characters. Nothing changed.",
        "السبب نص من 1 إلى 500 حرف. لم يتغير شيء.",
    ),
    Rule(
        RewardWithdrawn,
        ProblemCode.STATE_CONFLICT,
        "Its supplier no longer offers the reward. Nothing changed.",
        "لم يعد المورّد يعرض هذه المكافأة. لم يتغير شيء.",
    ),
    Rule(
        RewardPaused,
        ProblemCode.NOT_AVAILABLE,
        "The reward is off sale for a while. No money moved; a quote stays good until it expires.",
        "المكافأة غير معروضة مؤقتًا. لم يتحرك أي مبلغ، ويبقى عرض السعر صالحًا حتى انتهائه.",
    ),
)

register_problems((*_IMPORTS, *_BRANDS_AND_SUPPLIERS, *_REWARDS_AND_OFFERS, *_LIFECYCLE))
