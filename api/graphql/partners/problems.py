"""How the refusals of the people's house are shown."""

from api.graphql.problems import ProblemCode, Rule
from partners import (
    accruals,
    agreements,
    clients,
    intakes,
    members,
    networks,
    programmes,
    purchases,
    rules,
)

_INVALID, _NOT_FOUND = ProblemCode.INVALID_INPUT, ProblemCode.NOT_FOUND
_EXISTS, _STATE = ProblemCode.ALREADY_EXISTS, ProblemCode.STATE_CONFLICT

PROBLEMS = (
    Rule(
        intakes.FileUnreadable,
        _INVALID,
        "The file is not a list of purchases.",
        "الملف ليس قائمة مشتريات.",
    ),
    Rule(
        intakes.LineIncomplete,
        _INVALID,
        "The line has more or fewer fields than the header names.",
        "عدد حقول السطر لا يطابق أسماء الأعمدة.",
    ),
    Rule(
        intakes.TextUnreadable,
        _INVALID,
        "A field is not text in UTF-8.",
        "أحد الحقول ليس نصًا بترميز UTF-8.",
    ),
    Rule(
        intakes.InstantUnreadable,
        _INVALID,
        "An instant has a date, a time and a time zone, such as 2026-03-15T09:00:00Z.",
        "التوقيت تاريخ ووقت ومنطقة زمنية، مثل ‎2026-03-15T09:00:00Z.",
    ),
    Rule(
        intakes.IntakeNotFound,
        _NOT_FOUND,
        "There is no such intake.",
        "لا يوجد ملف مشتريات بهذا المعرّف.",
    ),
    Rule(
        networks.NetworkNotFound,
        _NOT_FOUND,
        "There is no such network.",
        "لا توجد شبكة بهذا المعرّف.",
    ),
    Rule(
        networks.InvalidSlug,
        _INVALID,
        "A slug has 1 to 64 small letters, digits and single hyphens between them.",
        "يتكوّن الاسم المختصر من 1 إلى 64 من الأحرف اللاتينية الصغيرة والأرقام وشرطات مفردة بينها.",
    ),
    Rule(
        networks.SlugTaken,
        _EXISTS,
        "Another network has this slug.",
        "هذا الاسم المختصر مستخدم لشبكة أخرى.",
    ),
    Rule(
        networks.InvalidName,
        _INVALID,
        "A name has 1 to 200 characters in at least one language.",
        "الاسم من 1 إلى 200 حرف بلغة واحدة على الأقل.",
    ),
    Rule(
        networks.InvalidLocale,
        _INVALID,
        "A language is the BCP 47 tag of one that is known, such as en, pt-BR or zh-Hant; {locale} is not.",
        "اللغة وسم BCP 47 للغة معروفة مثل ar أو pt-BR أو zh-Hant، و{locale} ليس كذلك.",
    ),
    Rule(
        networks.TooManyLocales,
        _INVALID,
        "{languages} languages are too many: a text may be in {most}.",
        "عدد اللغات {languages} أكبر من المسموح: {most} لغة للنص الواحد.",
    ),
    Rule(
        networks.UnknownZone,
        _INVALID,
        "The time zone is not in the IANA list.",
        "المنطقة الزمنية غير معروفة في قائمة IANA.",
    ),
    Rule(
        agreements.PartnerNotFound,
        _NOT_FOUND,
        "There is no such partner.",
        "لا يوجد شريك بهذا المعرّف.",
    ),
    Rule(
        agreements.PartnerRolesMissing,
        _INVALID,
        "A partner has at least one role.",
        "للشريك دور واحد على الأقل.",
    ),
    Rule(
        agreements.InvalidCountry,
        _INVALID,
        "A country is two capital letters, such as SA.",
        "الدولة حرفان لاتينيان كبيران مثل SA.",
    ),
    Rule(
        agreements.InvalidTerms,
        _INVALID,
        "Fees are 0 to 10,000 basis points and the return window is 0 to 365 days.",
        "الرسوم من 0 إلى 10000 نقطة أساس، ومهلة الإرجاع من 0 إلى 365 يومًا.",
    ),
    Rule(
        agreements.AgreementNotAfterLast,
        _STATE,
        "A new version starts after the one before it, and not in the past. Nothing changed.",
        "تبدأ النسخة الجديدة بعد سابقتها وليس في الماضي. لم يتغير شيء.",
    ),
    Rule(
        agreements.AgreementNotFound,
        _NOT_FOUND,
        "There is no such agreement.",
        "لا توجد اتفاقية بهذا المعرّف.",
    ),
    Rule(
        programmes.ProgrammeNotFound,
        _NOT_FOUND,
        "There is no such programme.",
        "لا يوجد برنامج بهذا المعرّف.",
    ),
    Rule(
        programmes.ProgrammeSlugTaken,
        _EXISTS,
        "Another programme of the network has this slug.",
        "هذا الاسم المختصر مستخدم لبرنامج آخر في الشبكة.",
    ),
    Rule(
        programmes.SponsorRoleMissing,
        _INVALID,
        "The sponsor of a programme is a partner with the role of a sponsor.",
        "راعي البرنامج شريك له دور الراعي.",
    ),
    Rule(
        clients.ClientNotFound,
        _NOT_FOUND,
        "There is no such API client.",
        "لا يوجد عميل برمجي بهذا المعرّف.",
    ),
    Rule(
        clients.ClientHasNoSecret,
        _STATE,
        "This client proves itself with a key of its own; there is no secret to rotate.",
        "يثبت هذا العميل هويته بمفتاحه الخاص، فلا سرّ له ليُستبدل.",
    ),
    Rule(
        clients.InvalidClient,
        _INVALID,
        "A partner's client names its partner; a staff client has roles; a subject is opaque.",
        "عميل الشريك يسمّي شريكه، وعميل الموظف له أدوار، والاسم المستعار بلا بيانات شخصية.",
    ),
    Rule(
        clients.InvalidPublicKey,
        _INVALID,
        "A key is a public EC P-256 or Ed25519 key as a JWK.",
        "المفتاح مفتاح عام من نوع EC P-256 أو Ed25519 بصيغة JWK.",
    ),
    Rule(
        clients.PrivateKeyShown,
        _INVALID,
        "This is a private key, and now it is no secret. Make a new pair; send the public part.",
        "هذا مفتاح خاص ولم يعد سرًّا. أنشئ زوجًا جديدًا وأرسل الجزء العام فقط.",
    ),
    Rule(
        clients.BrandKeyTaken,
        _EXISTS,
        "This key id is registered for another key.",
        "معرّف المفتاح هذا مسجّل لمفتاح آخر.",
    ),
    Rule(
        members.MemberNotFound,
        _NOT_FOUND,
        "There is no such member.",
        "لا يوجد عضو بهذا المعرّف.",
    ),
    Rule(
        members.InvalidIdentity,
        _INVALID,
        'A partner\'s identity for a member has 1 to 255 characters and does not begin with "erased:".',
        'معرّف العضو لدى الشريك من 1 إلى 255 حرفًا ولا يبدأ بـ "erased:".',
    ),
    Rule(
        members.MemberIsErased,
        _STATE,
        "The member was erased before. Nothing changed.",
        "مُحي العضو من قبل. لم يتغير شيء.",
    ),
    Rule(
        members.MemberHasMoney,
        _STATE,
        "The member still has money, debt or payouts under way (balances: {balances}; payouts:"
        " {payouts}). Pay it out, let it be spent or lapse, or wait until the payouts are over for"
        " seven days; then send the same request again. Nothing changed.",
        "ما زال للعضو رصيد أو دين أو مدفوعات جارية (الأرصدة: {balances}؛ المدفوعات: {payouts})."
        " ادفعه أو اتركه يُنفق أو ينتهي، أو انتظر سبعة أيام بعد انتهاء المدفوعات، ثم أعد إرسال"
        " الطلب نفسه. لم يتغير شيء.",
    ),
    Rule(
        rules.RuleNotFound,
        _NOT_FOUND,
        "There is no such earn rule, or it is over.",
        "لا توجد قاعدة كسب بهذا المعرّف، أو انتهت مدتها.",
    ),
    Rule(
        rules.InvalidRule,
        _INVALID,
        "A rate is 0 to 10,000 basis points, a rule ends after it starts, and value lives 1 to 36,500"
        " days.",
        "النسبة من 0 إلى 10000 نقطة أساس، وتنتهي القاعدة بعد بدايتها، وعمر القيمة من 1 إلى 36500"
        " يوم.",
    ),
    Rule(
        rules.InvalidBudget,
        ProblemCode.INVALID_AMOUNT,
        "A budget is more than nothing, in the currency of the partner's agreement. Nothing changed.",
        "الميزانية أكبر من صفر وبعملة اتفاقية الشريك. لم يتغير شيء.",
    ),
    Rule(
        rules.RuleHasNoBudget,
        _STATE,
        "The earn rule has no budget to raise. Nothing changed.",
        "ليست لقاعدة الكسب ميزانية تُرفع. لم يتغير شيء.",
    ),
    Rule(
        rules.InvalidFunding,
        _INVALID,
        "Funding names 1 to 10 different funders with positive weights.",
        "التمويل من 1 إلى 10 ممولين مختلفين بأوزان موجبة.",
    ),
    Rule(
        accruals.AccrualNotFound,
        _NOT_FOUND,
        "There is no such accrual.",
        "لا يوجد استحقاق بهذا المعرّف.",
    ),
    Rule(
        purchases.PurchaseNotFound,
        _NOT_FOUND,
        "There is no such purchase.",
        "لا توجد عملية شراء بهذا المعرّف.",
    ),
    Rule(
        purchases.AmountNotPositive,
        ProblemCode.INVALID_AMOUNT,
        "The amount is more than nothing. Nothing was booked.",
        "يجب أن يكون المبلغ أكبر من صفر. لم يُقيَّد شيء.",
    ),
    Rule(
        purchases.CurrencyNotAgreed,
        ProblemCode.CURRENCY_MISMATCH,
        "The agreement is in {agreed}, the amount in {given}. Nothing was booked.",
        "عملة الاتفاقية {agreed} وعملة المبلغ {given}. لم يُقيَّد شيء.",
    ),
    Rule(
        purchases.PurchaseInFuture,
        ProblemCode.PURCHASE_IN_FUTURE,
        "The purchase has not happened yet. Nothing was booked.",
        "لم يحن وقت عملية الشراء بعد. لم يُقيَّد شيء.",
    ),
    Rule(
        purchases.PurchaseBeforeAgreement,
        ProblemCode.NO_AGREEMENT,
        "No agreement was in force at the time of the purchase. Nothing was booked.",
        "لا توجد اتفاقية سارية وقت الشراء. لم يُقيَّد شيء.",
    ),
    Rule(
        purchases.PurchaseConflict,
        _EXISTS,
        "Another purchase was reported under this external id. Nothing was booked.",
        "سُجّلت عملية شراء أخرى بهذا المعرّف الخارجي. لم يُقيَّد شيء.",
    ),
    Rule(
        purchases.InvalidExternalId,
        _INVALID,
        "An external id has 1 to 255 characters.",
        "المعرّف الخارجي من 1 إلى 255 حرفًا.",
    ),
    Rule(
        purchases.InvalidCategory,
        _INVALID,
        "A category has 1 to 64 characters.",
        "الفئة من 1 إلى 64 حرفًا.",
    ),
    Rule(
        purchases.ReturnExceedsPurchase,
        ProblemCode.RETURN_EXCEEDS_PURCHASE,
        "Only {left} of this purchase can still come back. Nothing was booked.",
        "المتبقي القابل للإرجاع من هذه العملية {left} فقط. لم يُقيَّد شيء.",
    ),
    Rule(
        purchases.ReturnConflict,
        _EXISTS,
        "Another return was reported under this external id. Nothing was booked.",
        "سُجّل إرجاع آخر بهذا المعرّف الخارجي. لم يُقيَّد شيء.",
    ),
)
