"""How the refusals of settlement, disbursement and the rails are shown."""

from api.graphql.problems import ProblemCode, Rule
from payouts import disbursement, rails, settlement

_NOT_FOUND, _STATE = ProblemCode.NOT_FOUND, ProblemCode.STATE_CONFLICT

PROBLEMS = (
    Rule(
        settlement.SettlementCycleNotFound,
        _NOT_FOUND,
        "There is no such settlement cycle.",
        "لا توجد دورة تسوية بهذا المعرّف.",
    ),
    Rule(
        settlement.StatementNotFound,
        _NOT_FOUND,
        "There is no such statement.",
        "لا يوجد كشف حساب بهذا المعرّف.",
    ),
    Rule(
        settlement.NothingToSettle,
        ProblemCode.NOTHING_TO_SETTLE,
        "Nothing between partners has moved since the last settlement cycle.",
        "لم تحدث أي حركة بين الشركاء منذ آخر دورة تسوية.",
    ),
    Rule(
        settlement.StatementNotFinal,
        _STATE,
        "Only a final statement is adjusted. Issue its cycle anew, or wait for its approval.",
        "لا يُعدَّل إلا كشف نهائي. أعد إصدار دورته أو انتظر الموافقة عليها.",
    ),
    Rule(
        settlement.NothingToAdjust,
        ProblemCode.NOTHING_TO_ADJUST,
        "Nothing corrects the statement that its adjustments do not say already.",
        "لا يوجد تصحيح لكشف الحساب لم تذكره كشوف تعديله من قبل.",
    ),
    Rule(
        settlement.WindowOpen,
        _STATE,
        "The settlement window ends at {ends_at}. Nothing was closed; close it then.",
        "تنتهي فترة التسوية في {ends_at}. لم يُغلق شيء، أغلقها بعد ذلك.",
    ),
    Rule(
        settlement.WindowOutOfOrder,
        _STATE,
        "Windows are closed in their order; the next bound is {ends_at}. Nothing was closed.",
        "تُغلق الفترات بالترتيب، والحد التالي هو {ends_at}. لم يُغلق شيء.",
    ),
    Rule(
        settlement.PreviousCycleInReview,
        _STATE,
        "Cycle {number} is still in review. Approve or abandon it, then close the next.",
        "الدورة {number} ما زالت قيد المراجعة. وافق عليها أو تخلَّ عنها ثم أغلق التالية.",
    ),
    Rule(
        settlement.ReviewOpen,
        _STATE,
        "The cycle may be disputed until {until}. Nothing was booked; approve it then.",
        "يمكن الاعتراض على الدورة حتى {until}. لم يُقيَّد شيء، وافق عليها بعد ذلك.",
    ),
    Rule(
        settlement.ContentChanged,
        _STATE,
        "The cycle is not what you have seen: it was issued anew. Nothing was booked; look again.",
        "الدورة ليست كما رأيتها، فقد أُصدرت من جديد. لم يُقيَّد شيء، راجعها ثانية.",
    ),
    Rule(
        settlement.CertificateNotReady,
        _STATE,
        "The last lines of the statement are not signed yet. Ask again in a minute.",
        "آخر سطور الكشف لم تُوقَّع بعد. أعد المحاولة بعد دقيقة.",
    ),
    Rule(
        settlement.NoCertificate,
        _STATE,
        "A statement of more than {most} lines, or of an earlier release, has no certificate.",
        "لا شهادة لكشف يزيد على {most} سطر أو صدر بإصدار سابق.",
    ),
    Rule(
        settlement.CalendarInvalid,
        ProblemCode.INVALID_INPUT,
        "The settlement calendar cannot have this value.",
        "لا يمكن أن يأخذ تقويم التسوية هذه القيمة.",
    ),
    Rule(
        settlement.SettlementCycleNotInReview,
        _STATE,
        "The settlement cycle is not in review. Nothing was booked.",
        "دورة التسوية ليست قيد المراجعة. لم يُقيَّد شيء.",
    ),
    Rule(
        settlement.ApproverIsMaker,
        ProblemCode.MAKER_IS_CHECKER,
        "Whoever made it may not approve it: a second person is needed. Nothing was booked.",
        "لا يجوز لمن أنشأه أن يوافق عليه، يلزم شخص ثانٍ. لم يُقيَّد شيء.",
    ),
    Rule(
        settlement.AlreadyApproved,
        _STATE,
        "You approved the cycle already, and it takes two: another person is needed. Nothing changed.",
        "سبق أن وافقتَ على الدورة وهي تحتاج إلى موافقتين: يلزم شخص آخر. لم يتغير شيء.",
    ),
    Rule(
        settlement.StatementAltered,
        _STATE,
        "The postings no longer give what the statement says. Nothing was booked.",
        "القيود لم تعد تطابق كشف الحساب. لم يُقيَّد شيء.",
    ),
    Rule(
        disbursement.PayoutNotFound,
        _NOT_FOUND,
        "There is no such payout.",
        "لا توجد دفعة بهذا المعرّف.",
    ),
    Rule(
        disbursement.CollectionNotFound,
        _NOT_FOUND,
        "There is no such collection.",
        "لا توجد عملية تحصيل بهذا المعرّف.",
    ),
    Rule(
        disbursement.TopUpNotFound,
        _NOT_FOUND,
        "There is no such top-up.",
        "لا توجد عملية تعبئة بهذا المعرّف.",
    ),
    Rule(
        disbursement.PayeeNotFound,
        _NOT_FOUND,
        "There is no such payee.",
        "لا يوجد مستفيد بهذا المعرّف.",
    ),
    Rule(
        disbursement.InvalidPayee,
        ProblemCode.INVALID_INPUT,
        "A payee has a country of two capital letters, an e-mail address and a web address.",
        "للمستفيد دولة من حرفين لاتينيين كبيرين وبريد إلكتروني وعنوان موقع صالحان.",
    ),
    Rule(
        disbursement.PayeeNotReady,
        ProblemCode.PAYEE_NOT_READY,
        "The payee cannot receive money yet: its onboarding is not complete. No money moved.",
        "لا يمكن الدفع للمستفيد بعد: لم يكتمل تسجيله. لم يتحرك أي مبلغ.",
    ),
    Rule(
        disbursement.PayoutBelowMinimum,
        ProblemCode.LIMIT_EXCEEDED,
        "The smallest payout is {minimum}. No money moved.",
        "أقل مبلغ للدفع هو {minimum}. لم يتحرك أي مبلغ.",
    ),
    Rule(
        disbursement.PayoutNotPayable,
        ProblemCode.INVALID_INPUT,
        "It is paid out in multiples of {multiple}; the nearest amount below is {payable}."
        " No money moved.",
        "يُدفع بمضاعفات {multiple}؛ وأقرب مبلغ أدنى هو {payable}. لم يتحرك أي مبلغ.",
    ),
    Rule(
        disbursement.PayoutNotPending,
        _STATE,
        "The payout is not waiting for an approval. Nothing changed.",
        "الدفعة لا تنتظر موافقة. لم يتغير شيء.",
    ),
    Rule(
        disbursement.PayoutNotRetryable,
        _STATE,
        "Only a payout that was returned or has failed can be tried again. No money moved.",
        "لا تعاد إلا الدفعة التي رجعت أو فشلت. لم يتحرك أي مبلغ.",
    ),
    Rule(
        disbursement.PayoutNotCancellable,
        _STATE,
        "The payout is under way or over and can no longer be cancelled. Nothing changed.",
        "الدفعة قيد التنفيذ أو منتهية ولا يمكن إلغاؤها. لم يتغير شيء.",
    ),
    Rule(
        disbursement.DestinationChanged,
        _STATE,
        "The payee's account changed since the payout was requested. Nothing changed.",
        "تغيّر حساب المستفيد بعد طلب الدفعة. لم يتغير شيء.",
    ),
    Rule(
        disbursement.DestinationChangeNotFound,
        _NOT_FOUND,
        "There is no such change of destination.",
        "لا يوجد تغيير وجهة بهذا المعرّف.",
    ),
    Rule(
        disbursement.DestinationChangeNotOpen,
        _STATE,
        "The change of destination was decided before, or taken back. Nothing changed.",
        "تغيير الوجهة بُتّ فيه من قبل أو سُحب. لم يتغير شيء.",
    ),
    Rule(
        disbursement.PayoutNotHeld,
        _STATE,
        "The payout is not held for a checker to release. Nothing changed.",
        "الدفعة ليست محجوزة بانتظار إفراج المدقق. لم يتغير شيء.",
    ),
    Rule(
        disbursement.CooldownTooLong,
        ProblemCode.INVALID_INPUT,
        "A change of destination is on notice for no time up to thirty days.",
        "مهلة تغيير الوجهة من صفر إلى ثلاثين يومًا.",
    ),
    Rule(
        rails.UnknownOutcome,
        ProblemCode.IN_PROGRESS,
        "The payment provider may or may not have done it; it is being looked up.",
        "لم يتأكد تنفيذ مزوّد الدفع للعملية، وجارٍ التحقق منها.",
    ),
    Rule(
        rails.ProviderRefused,
        ProblemCode.NOT_AVAILABLE,
        "The payment provider refused.",
        "رفض مزوّد الدفع العملية.",
    ),
    Rule(
        rails.ProviderBalanceTooLow,
        ProblemCode.NOT_AVAILABLE,
        "The balance at the payment provider is too low.",
        "الرصيد لدى مزوّد الدفع غير كافٍ.",
    ),
    Rule(
        rails.ProviderBusy,
        ProblemCode.NOT_AVAILABLE,
        "The payment provider was busy and did nothing; try again later.",
        "مزوّد الدفع مشغول ولم ينفّذ شيئًا. حاول لاحقًا.",
    ),
    Rule(
        rails.SignatureInvalid,
        ProblemCode.FORBIDDEN,
        "The message was not signed by the payment provider, or too long ago.",
        "الرسالة غير موقّعة من مزوّد الدفع أو قديمة.",
    ),
)
