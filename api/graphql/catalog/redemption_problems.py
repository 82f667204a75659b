"""How the refusals about cards, seats, vouchers and redemptions are shown."""

from api.graphql.problems import ProblemCode, Rule, register_problems
from catalog.experiences import (
    BookingEnded,
    BookingNotFound,
    ExperienceAgreementMissing,
    SlotInvalid,
    SlotNotFound,
    SlotOver,
    SoldOut,
)
from catalog.giftcards import (
    AuthorizationEnded,
    AuthorizationNotFound,
    CaptureExceedsAuthorization,
    CardAgreementMissing,
    CardAlreadySold,
    CardStateConflict,
    CodeRefused,
    GiftCardInvalid,
    GiftCardNotFound,
    RefundExceedsCapture,
    TooManyGuesses,
)
from catalog.redemptions import (
    OutOfStock,
    QuoteAltered,
    QuoteExpired,
    QuoteNotFound,
    QuoteUsed,
    RedemptionNotCancellable,
    RedemptionNotFound,
    RewardNotRedeemable,
    SlotOfAnotherReward,
    SourcingPolicyInvalid,
)
from catalog.stocks import CardsSoldOut, StockInvalid
from catalog.vouchers import AlreadyRevealed, CodeDelivered, VoucherNotFound

_NO_AGREEMENT = (
    "The partner has no agreement in force in this currency. No money moved.",
    "لا توجد مع الشريك اتفاقية سارية بهذه العملة. لم يتحرك أي مبلغ.",
)

_VOUCHERS = (
    Rule(
        VoucherNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such voucher.",
        "لا توجد قسيمة بهذا المعرّف.",
    ),
    Rule(
        AlreadyRevealed,
        ProblemCode.ALREADY_REVEALED,
        "The code was shown before; it is shown once only.",
        "عُرض الرمز من قبل، وهو لا يُعرض إلا مرة واحدة.",
    ),
    Rule(
        CodeDelivered,
        ProblemCode.STATE_CONFLICT,
        "The same code was delivered before. Nothing changed.",
        "سُلّم الرمز نفسه من قبل. لم يتغير شيء.",
    ),
)

_CARDS = (
    Rule(
        GiftCardNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such card.",
        "لا توجد بطاقة بهذا المعرّف.",
    ),
    Rule(
        GiftCardInvalid,
        ProblemCode.INVALID_INPUT,
        "The card cannot be issued as described. No money moved.",
        "لا يمكن إصدار البطاقة بهذا الوصف. لم يتحرك أي مبلغ.",
    ),
    Rule(
        CardAlreadySold,
        ProblemCode.ALREADY_EXISTS,
        "A card was sold under this reference before. No money moved.",
        "بيعت بطاقة بهذا المرجع من قبل. لم يتحرك أي مبلغ.",
    ),
    Rule(
        CodeRefused,
        ProblemCode.CODE_REFUSED,
        "The card cannot be used. No money moved.",
        "لا يمكن استخدام البطاقة. لم يتحرك أي مبلغ.",
    ),
    Rule(
        TooManyGuesses,
        ProblemCode.LIMIT_EXCEEDED,
        "Too many codes were wrong. Try again in a quarter of an hour.",
        "أُدخلت رموز خاطئة كثيرة. حاول بعد ربع ساعة.",
    ),
    Rule(CardAgreementMissing, ProblemCode.NO_AGREEMENT, *_NO_AGREEMENT),
    Rule(
        AuthorizationNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such authorization.",
        "لا يوجد تفويض بهذا المعرّف.",
    ),
    Rule(
        AuthorizationEnded,
        ProblemCode.HOLD_RESOLVED,
        "The authorization allows this no longer, or not yet. No money moved.",
        "لا يسمح التفويض بذلك الآن. لم يتحرك أي مبلغ.",
    ),
    Rule(
        CaptureExceedsAuthorization,
        ProblemCode.CAPTURE_EXCEEDS_HOLD,
        "Only {authorized} was authorized. No money moved.",
        "المبلغ المفوَّض هو {authorized} فقط. لم يتحرك أي مبلغ.",
    ),
    Rule(
        RefundExceedsCapture,
        ProblemCode.AMOUNT_OUT_OF_RANGE,
        "Only {refundable} can still be refunded. No money moved.",
        "المبلغ المتبقي للاسترداد هو {refundable} فقط. لم يتحرك أي مبلغ.",
    ),
    Rule(
        CardStateConflict,
        ProblemCode.STATE_CONFLICT,
        "The card is {state}. No money moved.",
        "حالة البطاقة ({state}) لا تسمح بذلك. لم يتحرك أي مبلغ.",
    ),
)

_STOCKS = (
    Rule(
        CardsSoldOut,
        ProblemCode.SOLD_OUT,
        "All cards are sold, or reserved by quotes for some minutes. No money moved.",
        "بيعت البطاقات كلها أو حُجزت بعروض أسعار لبضع دقائق. لم يتحرك أي مبلغ.",
    ),
    Rule(
        StockInvalid,
        ProblemCode.INVALID_INPUT,
        "Only a gift card of the network's own has a stock, of 0 to 1,000,000,000 cards. Nothing"
        " changed.",
        "المخزون لبطاقات الشبكة وحدها، من 0 إلى 1,000,000,000 بطاقة. لم يتغير شيء.",
    ),
)

_SEATS = (
    Rule(
        SlotNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such slot.",
        "لا يوجد موعد بهذا المعرّف.",
    ),
    Rule(
        SlotInvalid,
        ProblemCode.INVALID_INPUT,
        "The slot cannot be offered as described: an experience, in the future, with seats.",
        "لا يمكن عرض الموعد بهذا الوصف: يجب أن يكون لتجربة، وفي المستقبل، وله مقاعد.",
    ),
    Rule(
        SlotOver,
        ProblemCode.NOT_AVAILABLE,
        "The experience has begun. No money moved.",
        "بدأت التجربة. لم يتحرك أي مبلغ.",
    ),
    Rule(
        SoldOut,
        ProblemCode.SOLD_OUT,
        "All seats are taken, or reserved by quotes for some minutes. No money moved.",
        "جميع المقاعد محجوزة، وبعضها ربما لبضع دقائق فقط. لم يتحرك أي مبلغ.",
    ),
    Rule(ExperienceAgreementMissing, ProblemCode.NO_AGREEMENT, *_NO_AGREEMENT),
    Rule(
        BookingNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such booking.",
        "لا يوجد حجز بهذا المعرّف.",
    ),
    Rule(
        BookingEnded,
        ProblemCode.STATE_CONFLICT,
        "The booking was cancelled, or the experience has begun. No money moved.",
        "أُلغي الحجز أو بدأت التجربة. لم يتحرك أي مبلغ.",
    ),
)

_REDEMPTIONS = (
    Rule(
        RewardNotRedeemable,
        ProblemCode.NOT_AVAILABLE,
        "The reward cannot be got now. No money moved.",
        "لا يمكن الحصول على المكافأة الآن. لم يتحرك أي مبلغ.",
    ),
    Rule(
        OutOfStock,
        ProblemCode.NOT_AVAILABLE,
        "The reward is out of stock at all its suppliers. No money moved.",
        "نفدت المكافأة لدى جميع مورّديها. لم يتحرك أي مبلغ.",
    ),
    Rule(
        SlotOfAnotherReward,
        ProblemCode.INVALID_INPUT,
        "The slot belongs to another experience.",
        "الموعد تابع لتجربة أخرى.",
    ),
    Rule(
        SourcingPolicyInvalid,
        ProblemCode.INVALID_INPUT,
        "What a failover may cost beyond the price is 0 to 10,000 basis points of it. Nothing"
        " changed.",
        "ما يجوز أن يزيد به الشراء من مورّد بديل على السعر هو من 0 إلى 10000 نقطة أساس منه. لم"
        " يتغير شيء.",
    ),
    Rule(
        QuoteNotFound,
        ProblemCode.QUOTE_NOT_FOUND,
        "There is no such quote.",
        "لا يوجد عرض سعر بهذا المعرّف.",
    ),
    Rule(
        QuoteExpired,
        ProblemCode.QUOTE_EXPIRED,
        "The quote has expired; ask for a new one. No money moved.",
        "انتهت صلاحية عرض السعر؛ اطلب عرضًا جديدًا. لم يتحرك أي مبلغ.",
    ),
    Rule(
        QuoteAltered,
        ProblemCode.QUOTE_ALTERED,
        "This is not the quote that was made; ask for a new one. No money moved.",
        "هذا ليس عرض السعر الذي قُدِّم؛ اطلب عرضًا جديدًا. لم يتحرك أي مبلغ.",
    ),
    Rule(
        QuoteUsed,
        ProblemCode.QUOTE_USED,
        "The quote was used before. No money moved again.",
        "استُخدم عرض السعر من قبل. لم يتحرك أي مبلغ مرة أخرى.",
    ),
    Rule(
        RedemptionNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such redemption.",
        "لا توجد عملية استبدال بهذا المعرّف.",
    ),
    Rule(
        RedemptionNotCancellable,
        ProblemCode.STATE_CONFLICT,
        "The redemption is {state} and can no longer be cancelled. No money moved.",
        "حالة الاستبدال ({state}) لا تسمح بإلغائه. لم يتحرك أي مبلغ.",
    ),
)

register_problems((*_VOUCHERS, *_CARDS, *_STOCKS, *_SEATS, *_REDEMPTIONS))
