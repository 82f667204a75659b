"""The words of a statement's documents, in English and Arabic."""

from api.graphql.languages import Spoken

Words = tuple[str, str]

WORDING: dict[str, Words] = {
    "statement": ("Statement", "كشف حساب"),
    "adjustment": ("Adjustment statement", "كشف تعديل"),
    "adjusts": ("Adjusts statement", "يعدّل الكشف"),
    "adjusts_number": ("Adjusts statement number", "رقم الكشف المعدَّل"),
    "adjusts_version": ("Version of that statement", "إصدار الكشف المعدَّل"),
    "adjusts_hash": ("SHA-256 of that statement", "بصمة الكشف المعدَّل SHA-256"),
    "network": ("Network", "الشبكة"),
    "partner": ("Partner", "الشريك"),
    "version": ("Version", "الإصدار"),
    "cut_at": ("Cut at", "وقت القطع"),
    "before_at": ("Cut before", "القطع السابق"),
    "before_seq": ("Place of the cut before", "ترتيب القطع السابق"),
    "value_on": ("Value date", "تاريخ الاستحقاق"),
    "cycle": ("Settlement cycle", "دورة التسوية"),
    "number": ("Statement number", "رقم الكشف"),
    "currency": ("Currency", "العملة"),
    "issued_at": ("Issued at", "تاريخ الإصدار"),
    "zone": ("Time zone", "المنطقة الزمنية"),
    "state": ("State", "الحالة"),
    "outcome": ("Outcome", "النتيجة"),
    "reference": ("Payment reference", "مرجع الدفع"),
    "after_seq": ("After place", "بعد الترتيب"),
    "to_seq": ("Up to place", "حتى الترتيب"),
    "cut": ("Cut", "القطع"),
    "place": ("up to place {seq}", "حتى الترتيب {seq}"),
    "content_hash": ("SHA-256 of the content", "بصمة المحتوى SHA-256"),
    "block": ("Sealed block", "الكتلة المختومة"),
    "root": ("Root of the block", "جذر الكتلة"),
    "unsealed": ("not in a block yet", "ليس في كتلة بعد"),
    "summary": ("Summary", "الملخص"),
    "lines": ("Lines", "السطور"),
    "lines_elsewhere": (
        "The {count} lines of this statement are in its CSV, XLSX and JSON documents.",
        "سطور هذا الكشف وعددها {count} في مستنداته بصيغ CSV وXLSX وJSON.",
    ),
    "opening": ("Opening", "الرصيد الافتتاحي"),
    "movements": ("All movements", "مجموع الحركات"),
    "closing": ("Closing", "الرصيد الختامي"),
    "carried": ("Carried forward", "المرحّل إلى التالي"),
    "settled": ("Settled since", "ما سُوّي منذ ذلك"),
    "to_settle": ("To be settled", "المطلوب تسويته"),
    "reserve_released": ("of which reserve released", "منها احتياطي أُفرج عنه"),
    "reserve_withheld": ("Reserve withheld", "المحجوز احتياطيًا"),
    "reserve_release_at": ("Reserve withheld until", "الاحتياطي محجوز حتى"),
    "payment": ("Payment after reserve", "الدفع بعد الاحتياطي"),
    "all_lines": ("All lines", "مجموع السطور"),
    "corrections": ("All corrections", "مجموع التصحيحات"),
    "settles_nothing": (
        "Nothing is paid by this document: each line is settled by the statement that it names.",
        "لا يُدفع شيء بموجب هذا المستند، فكل سطر يُسوّى في الكشف المذكور معه.",
    ),
    "reason": ("Why it corrects", "سبب التصحيح"),
    "reason.reversal": ("Reversal", "عكس قيد"),
    "reason.dispute": ("Decision of a dispute", "بتّ في اعتراض"),
    "reason.late": ("Late posting", "قيد متأخر"),
    "corrects_journal_id": ("Corrected journal", "القيد المصحَّح"),
    "settled_in": ("Settled in", "يُسوّى في"),
    "settled_number": ("statement {number}", "الكشف {number}"),
    "settled_next": ("the next statement", "الكشف التالي"),
    "is_late": ("Late", "متأخر"),
    "late": ("late", "متأخر"),
    "count": ("Count", "العدد"),
    "receivable": ("Owed by the partner", "على الشريك"),
    "payable": ("Owed to the partner", "للشريك"),
    "net": ("Net", "الصافي"),
    "net_sign": (
        "A positive net is owed by the partner, a negative one is owed to it.",
        "الصافي الموجب على الشريك، والسالب له.",
    ),
    "description": ("Description", "البيان"),
    "kind": ("Kind", "النوع"),
    "seq": ("Place", "الترتيب"),
    "line": ("Line", "السطر"),
    "effective_local": ("Time ({zone})", "الوقت ({zone})"),
    "effective_at": ("Time (UTC)", "الوقت (UTC)"),
    "recorded_at": ("Recorded (UTC)", "وقت القيد (UTC)"),
    "cause_kind": ("Cause", "السبب"),
    "cause_id": ("Id of the cause", "معرّف السبب"),
    "journal_id": ("Journal", "القيد"),
    "minor": ("Net in minor units", "الصافي بأصغر وحدة"),
    "page": ("Page {page} of {pages}", "صفحة {page} من {pages}"),
    "state.issued": ("Issued for review", "صادر للمراجعة"),
    "state.final": ("Final", "نهائي"),
    "state.superseded": ("Superseded by a later version", "حلّ محله إصدار لاحق"),
    "state.void": ("Void", "لاغٍ"),
    "outcome.pay": ("Paid to the partner", "يُدفع للشريك"),
    "outcome.collect": ("Collected from the partner", "يُحصّل من الشريك"),
    "outcome.netted": ("Nothing remains to be settled", "لا شيء للتسوية"),
    "outcome.carried": ("Carried forward", "مرحّل إلى الكشف التالي"),
    "outcome.converted": ("Converted into another currency", "محوّل إلى عملة أخرى"),
    "exchanged": ("Converted", "المحوّل"),
    "converted_into": ("Converted into", "محوّل إلى"),
    "fx_rate": ("Exchange rate", "سعر الصرف"),
    "fx_source": ("Source of the rate", "مصدر السعر"),
    "fx_observed_at": ("Rate observed at", "وقت رصد السعر"),
    "carried_because": ("Carried because", "سبب الترحيل"),
    "because.below_minimum": ("It is too small to be settled", "أصغر من أن يُسوّى"),
    "because.fx_rate_missing": ("There is no exchange rate", "لا يوجد سعر صرف"),
    "because.fx_rate_stale": ("The exchange rate is too old", "سعر الصرف قديم جدًا"),
    "because.amount_out_of_range": (
        "It comes to more than can be booked",
        "يتجاوز ما يمكن قيده",
    ),
}

KINDS: dict[str, Words] = {
    "accrual.confirm": ("Cashback confirmed", "تأكيد الاسترداد النقدي"),
    "accrual.return_available": ("Purchase returned", "إرجاع مشتريات"),
    "bonus.confirm": ("Bonus confirmed", "تأكيد المكافأة"),
    "debt.recharge": ("Member's debt recharged", "إعادة تحميل دين العضو"),
    "value.expire": ("Unspent cashback given back", "إعادة رصيد لم يُنفق"),
    "points.owe": ("Points confirmed", "تأكيد النقاط"),
    "points.return_available": ("Points taken back", "استرجاع النقاط"),
    "points.expire": ("Unspent points given back", "إعادة نقاط لم تُنفق"),
    "redemption.brand_card": ("Brand card redeemed", "استبدال ببطاقة علامة"),
    "experience.deliver": ("Experience delivered", "تقديم تجربة"),
    "experience.cancel": ("Experience cancelled", "إلغاء تجربة"),
    "card.sale": ("Gift card sold", "بيع بطاقة هدايا"),
    "card.capture": ("Gift card accepted", "قبول بطاقة هدايا"),
    "card.refund": ("Gift card refunded", "رد إلى بطاقة هدايا"),
    "dispute.lost": ("Dispute lost", "خسارة اعتراض"),
    "statement.contest": ("Amount contested", "مبلغ معترض عليه"),
    "statement.contest_rejected": ("Dispute rejected", "رفض اعتراض"),
    "reserve.carry": ("Reserve released", "الإفراج عن الاحتياطي"),
    "settlement.convert": ("Net of another currency", "صافٍ من عملة أخرى"),
    "settlement.net": ("Set off by settlement", "مقاصة التسوية"),
}
_REVERSED = ".reversed"
_REVERSAL: Words = ("Reversal: {kind}", "عكس: {kind}")


def say(name: str, locale: Spoken, **values: object) -> str:
    """Write one of the words in a language."""
    return _in(WORDING[name], locale).format(**values)


def say_kind(kind: str, locale: Spoken) -> str:
    """Write what a kind of journal is; one without words of its own is called by its name."""
    if kind.endswith(_REVERSED):
        plain = say_kind(kind.removesuffix(_REVERSED), locale)
        return _in(_REVERSAL, locale).format(kind=plain)
    return _in(KINDS[kind], locale) if kind in KINDS else kind


def _in(both: Words, locale: Spoken) -> str:
    return both[1] if locale is Spoken.AR else both[0]
