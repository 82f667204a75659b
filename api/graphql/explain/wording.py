"""What an explanation says of one object, in English and Arabic."""

WORDING: dict[str, tuple[str, str]] = {
    "label.journal": ("journal {kind} of {at}", "القيد {kind} بتاريخ {at}"),
    "label.posting": ("the line of {amount} on {account}", "السطر {amount} على {account}"),
    "label.lot": ("the lot of {amount} on {account}", "الحصة {amount} على {account}"),
    "label.accrual": ("the accrual of {amount}", "الاستحقاق {amount}"),
    "label.purchase": ("the purchase of {amount}", "عملية الشراء {amount}"),
    "label.return": ("the return of {amount}", "المرتجع {amount}"),
    "label.rule": ("the earn rule of {rate}", "قاعدة الكسب {rate}"),
    "label.agreement": ("version {version} of the agreement", "الإصدار {version} من الاتفاقية"),
    "journal": (
        "Journal {kind} took effect at {at}, was recorded at {recorded}, and stands in the"
        " accounting month {period}.",
        "القيد {kind} سرى في {at} وسُجّل في {recorded} ويقع في الشهر المحاسبي {period}.",
    ),
    "journal.late": (
        "It belongs to {origin}, which was closed already, and so stands in {period}.",
        "يعود إلى {origin} الذي كان مغلقًا، ولذلك يقع في {period}.",
    ),
    "journal.sealed": (
        "It stands at place {seq} of the sealed order.",
        "موضعه في الترتيب المختوم {seq}.",
    ),
    "journal.rate": (
        "It was exchanged at 1 {base} = {rate} {quote}, quoted by {source} at {observed_at}.",
        "صُرف بسعر 1 {base} = {rate} {quote}، المصدر {source} في {observed_at}.",
    ),
    "line.debit": (
        "It debits {amount} to {account} of {owner}.",
        "يقيّد {amount} مدينًا على {account} لحساب {owner}.",
    ),
    "line.credit": (
        "It credits {amount} to {account} of {owner}.",
        "يقيّد {amount} دائنًا على {account} لحساب {owner}.",
    ),
    "lot": (
        "The lot is of {amount}, earned at {at}.",
        "الحصة {amount} كُسبت في {at}.",
    ),
    "lot.left": ("{remaining} of it is left.", "المتبقي منها {remaining}."),
    "lot.ends": ("What is left lapses at {at}.", "ينتهي المتبقي في {at}."),
    "lot.paid": ("{owner} paid for it.", "موّلها {owner}."),
    "accrual.pending": (
        "{amount} was earned; {remaining} of it waits until {at}.",
        "كُسب {amount}، و{remaining} منه معلّق حتى {at}.",
    ),
    "accrual.available": (
        "{amount} was earned; {remaining} of it became available at {at}.",
        "كُسب {amount}، و{remaining} منه صار متاحًا في {at}.",
    ),
    "accrual.reversed": (
        "{amount} was earned, and returns took all of it back.",
        "كُسب {amount}، واستعادته المرتجعات كله.",
    ),
    "accrual.expired": (
        "{amount} was earned; {remaining} of it was not taken back and lapsed unspent.",
        "كُسب {amount}، و{remaining} منه لم يُستعد وانتهى دون استخدام.",
    ),
    "accrual.offset": (
        "{amount} of it paid the member's earlier debt.",
        "سدّد {amount} منه دينًا سابقًا على العضو.",
    ),
    "accrual.lapsed": (
        "{amount} of it lapsed unspent.",
        "انتهى {amount} منه دون استخدام.",
    ),
    "accrual.cashback": (
        "{rate} of {amount} is exactly {exact}; rounded once, half to even: {result}.",
        "نسبة {rate} من {amount} هي بالضبط {exact}، وبعد التقريب مرة واحدة إلى الزوجي عند التساوي: {result}.",
    ),
    "accrual.fee": (
        "The network's fee by version {version} of the agreement is {rate} of {amount}: exactly"
        " {exact}; rounded once, half to even: {result}.",
        "رسم الشبكة وفق الإصدار {version} من الاتفاقية {rate} من {amount}: بالضبط {exact}، وبعد"
        " التقريب مرة واحدة إلى الزوجي عند التساوي: {result}.",
    ),
    "accrual.share": ("{owner} pays {result} of it.", "يدفع {owner} منه {result}."),
    "accrual.share_exact": (
        "{owner} pays {weight} of {total} parts: exactly {exact}; whole minor units by the largest"
        " remainder: {result}.",
        "يدفع {owner} {weight} من {total} حصص: بالضبط {exact}، وبالوحدات الصغرى الكاملة وفق أكبر"
        " باقٍ: {result}.",
    ),
    "accrual.budget": (
        "The budget of the rule paid {result}; {remaining} of it was not given back.",
        "دفعت ميزانية القاعدة {result}، ولم يُعد إليها {remaining} منه.",
    ),
    "purchase": (
        "A purchase of {amount} was made at {owner} at {at} and recorded at {recorded}.",
        "تمّت عملية شراء {amount} لدى {owner} في {at} وسُجّلت في {recorded}.",
    ),
    "return": (
        "{amount} of the purchase came back at {at} and took back {cashback} of what it earned; all"
        " returns together take their proportion of the whole, rounded once, half to even.",
        "أُعيد {amount} من عملية الشراء في {at} فاستُعيد {cashback} مما كُسب؛ وتستعيد المرتجعات معًا"
        " نسبتها من الكل بتقريب واحد إلى الزوجي عند التساوي.",
    ),
    "return.fee": ("The network gave {amount} of its fee back.", "أعادت الشبكة {amount} من رسمها."),
    "return.debt": (
        "{amount} of it was spent already and became the member's debt.",
        "كان {amount} منه قد أُنفق فصار دينًا على العضو.",
    ),
    "rule": (
        "By the rule in force from {at}, a purchase at {owner} earns {rate}.",
        "وفق القاعدة السارية من {at}، يكسب الشراء لدى {owner} {rate}.",
    ),
    "rule.lifetime": (
        "What it earns lapses {days} days after it became available.",
        "ينتهي ما يُكسب بعد {days} يومًا من إتاحته.",
    ),
    "rule.budget": (
        "It pays {amount} in all, of which {remaining} is left now; where that does not cover a"
        " purchase's whole cashback, it is passed over.",
        "تدفع {amount} في المجموع، والمتبقي منه الآن {remaining}؛ وإذا لم يكفِ لكامل ما تكسبه عملية"
        " شراء تُتجاوز القاعدة.",
    ),
    "agreement": (
        "Version {version} of the agreement with {owner} is in force from {at}: a fee of {fee} on"
        " purchases, and {days} days to return.",
        "الإصدار {version} من الاتفاقية مع {owner} سارٍ من {at}: رسم {fee} على المشتريات و{days}"
        " يومًا للإرجاع.",
    ),
    "label.statement": ("statement {number}", "الكشف {number}"),
    "label.reserve": ("the reserve of {amount}", "الاحتياطي {amount}"),
    "label.reserve_policy": (
        "the reserve policy of {rate} in {currency}",
        "سياسة الاحتياطي {rate} بعملة {currency}",
    ),
    "label.file": ("bank file {message}", "الملف البنكي {message}"),
    "label.dispute": ("the dispute of {amount}", "الاعتراض على {amount}"),
    "label.cycle": ("settlement cycle {number}", "دورة التسوية {number}"),
    "label.payout": ("the payout of {amount}", "الصرف {amount}"),
    "label.collection": ("the debit of {amount}", "التحصيل {amount}"),
    "label.topup": ("the top-up of {amount}", "التغذية {amount}"),
    "label.movement": ("the provider's movement {id}", "حركة المزوّد {id}"),
    "label.bank": (
        "line {line} of bank statement {statement}",
        "السطر {line} من كشف البنك {statement}",
    ),
    "label.item": ("the outside line {reference}", "السطر الخارجي {reference}"),
    "label.redemption": ("the redemption of {amount}", "الاستبدال {amount}"),
    "label.quote": ("the quote of {amount}", "عرض السعر {amount}"),
    "label.card": ("the gift card of {amount}", "بطاقة الهدية {amount}"),
    "label.authorization": ("the authorization of {amount}", "التفويض {amount}"),
    "label.booking": ("the seat of {amount}", "المقعد {amount}"),
    "label.mistaken_order": ("the mistaken order {reference}", "الطلب الخاطئ {reference}"),
    "label.rate": ("the rate 1 {base} = {rate} {quote}", "السعر 1 {base} = {rate} {quote}"),
    "statement": (
        "Statement {number} of {owner} covers the sealed order after {first} up to {last}: it owes"
        " {owes} and is owed {owed}, which nets to {net}.",
        "الكشف {number} لـ{owner} يغطي الترتيب المختوم بعد {first} حتى {last}: عليه {owes} وله"
        " {owed}، والصافي {net}.",
    ),
    "statement.pay": ("The net is paid to it.", "يُدفع الصافي له."),
    "statement.collect": ("The net is collected from it.", "يُحصّل الصافي منه."),
    "statement.converted": (
        "The net is converted into {amount} and falls into a cycle of that currency.",
        "يُحوّل الصافي إلى {amount} ويدخل في دورة تلك العملة.",
    ),
    "statement.unconverted": (
        "The net is to be converted, but cannot be, and is carried into the next statement.",
        "كان الصافي سيُحوّل إلى عملة أخرى وتعذّر ذلك، فيُرحّل إلى الكشف التالي.",
    ),
    "statement.netted": ("Nothing is left to pay.", "لا يبقى ما يُدفع."),
    "statement.carried": (
        "The net is too small to pay and is carried into the next statement.",
        "الصافي أصغر من أن يُدفع فيُرحّل إلى الكشف التالي.",
    ),
    "statement.withheld": (
        "{amount} of that is held back as a reserve; {rest} is paid.",
        "يُحجز {amount} منه احتياطيًا ويُدفع {rest}.",
    ),
    "reserve": (
        "{amount} of what {owner} was to be paid was held back at {at}.",
        "حُجز {amount} مما كان سيُدفع إلى {owner} في {at}.",
    ),
    "reserve.share": (
        "{rate} of {amount} is exactly {exact}; rounded half to even, then down to what can be"
        " paid: {result}.",
        "نسبة {rate} من {amount} هي بالضبط {exact}، وبعد التقريب إلى الزوجي عند التساوي ثم نزولًا"
        " إلى ما يمكن دفعه: {result}.",
    ),
    "reserve.kept": (
        "It is owed again from {at} on, and the next cycle pays it.",
        "يعود مستحقًا من {at} وتدفعه الدورة التالية.",
    ),
    "reserve.released": (
        "It was released at {at}, and the next cycle pays it.",
        "أُفرج عنه في {at} وتدفعه الدورة التالية.",
    ),
    "reserve_policy": (
        "By the policy that {who} published at {at}, {rate} of what is paid in {currency} is held"
        " back for {days} days.",
        "وفق السياسة التي نشرها {who} في {at} يُحجز {rate} مما يُدفع بعملة {currency} لمدة {days}"
        " يومًا.",
    ),
    "reserve_policy.own": (
        "By the policy that {who} published at {at}, {rate} of what {owner} is paid in {currency}"
        " is held back for {days} days.",
        "وفق السياسة التي نشرها {who} في {at} يُحجز {rate} مما يُدفع إلى {owner} بعملة {currency}"
        " لمدة {days} يومًا.",
    ),
    "file": (
        "Bank file {message} was opened at {at} and holds {amount} in {count} payouts.",
        "فُتح الملف البنكي {message} في {at} وفيه {amount} وعدد عمليات الصرف {count}.",
    ),
    "file.created": ("It was made at {at} by {who}.", "أُنشئ في {at} بواسطة {who}."),
    "file.released": (
        "It was released for the bank at {at} by {who}.",
        "أُفرج عنه للبنك في {at} بواسطة {who}.",
    ),
    "cycle": (
        "Settlement cycle {number} was closed at {at} by {who}.",
        "أُغلقت دورة التسوية {number} في {at} بواسطة {who}.",
    ),
    "dispute": (
        "{owner} disputed {amount} of line {line} at {at}; it waits apart until it is decided.",
        "اعترض {owner} على {amount} من السطر {line} في {at}، ويبقى المبلغ جانبًا حتى البت فيه.",
    ),
    "dispute.ended": (
        "It ended at {at}: {accepted} of it the partner need not bear.",
        "انتهى في {at}: {accepted} منه لا يتحمله الشريك.",
    ),
    "cycle.approved": ("It was approved at {at} by {who}.", "اعتُمدت في {at} بواسطة {who}."),
    "payout": (
        "A payout of {amount} to {owner} was ordered at {at}.",
        "أُمر بصرف {amount} إلى {owner} في {at}.",
    ),
    "payout.paid": ("It was paid at {at}.", "دُفع في {at}."),
    "payout.filed": (
        "The bank knows it by the end-to-end id {reference}.",
        "يعرفه البنك بالمعرّف {reference} من طرف إلى طرف.",
    ),
    "payout.unpaid": (
        "The bank did not pay it, as {maker} reported, and {who} took it back.",
        "لم يدفعه البنك كما أبلغ {maker}، واسترجعه {who}.",
    ),
    "try": (
        "It was tried at {at}: {leg}, {state}, at the provider {external}.",
        "جرت محاولة في {at}: {leg}، {state}، لدى المزوّد {external}.",
    ),
    "collection": (
        "A debit of {amount} from {owner} was ordered at {at}.",
        "أُمر بتحصيل {amount} من {owner} في {at}.",
    ),
    "topup": (
        "{amount} was drawn from the network's bank at {at}, at the provider {external}.",
        "سُحب {amount} من بنك الشبكة في {at}، لدى المزوّد {external}.",
    ),
    "movement": (
        "The provider booked {id} ({type}, of {source}) at {at}: {amount} before a fee of {fee}.",
        "قيّد المزوّد {id} ({type}، عن {source}) في {at}: {amount} قبل رسم {fee}.",
    ),
    "bank": (
        "The bank booked {amount} on {day} as line {line} of statement {statement}.",
        "قيّد البنك {amount} في {day} في السطر {line} من الكشف {statement}.",
    ),
    "item": (
        "The outside line {reference} of {amount} is {state}.",
        "السطر الخارجي {reference} بمبلغ {amount} حالته {state}.",
    ),
    "item.resolved": (
        "It was found to be {resolution}, approved by {who}.",
        "تبيّن أنه {resolution}، واعتمده {who}.",
    ),
    "redemption": (
        "{amount} was turned into a reward of {face} at {at}.",
        "حُوّل {amount} إلى مكافأة قيمتها {face} في {at}.",
    ),
    "redemption.try": (
        "The supplier's order is {state}, its reference {reference}.",
        "طلب المورّد حالته {state} ومرجعه {reference}.",
    ),
    "mistaken_order.lost": (
        "{owner} took an order under the key {order} and no longer tells it as ours; it was noticed"
        " at {at}.",
        "قبل {owner} طلبًا بالمفتاح {order} ولم يعد يورده باسمنا، ولوحظ ذلك في {at}.",
    ),
    "mistaken_order.surplus": (
        "{owner} has an order under the key {order} that nobody had anything of; it was noticed at"
        " {at}.",
        "لدى {owner} طلب بالمفتاح {order} لم ينتفع به أحد، ولوحظ في {at}.",
    ),
    "mistaken_order.settled": (
        "The supplier put it right by itself at {at}.",
        "صحّحه المورّد من تلقاء نفسه في {at}.",
    ),
    "mistaken_order.proposed": (
        "{maker} proposed at {at} that it is {outcome}, and nobody has agreed to that yet: {remark}",
        "اقترح {maker} في {at} أن يكون {outcome} ولم يوافق أحد بعد: {remark}",
    ),
    "mistaken_order.cancelled": (
        "The supplier cancelled it, as {maker} proposed and {who} approved at {at}: {remark}",
        "ألغاه المورّد، باقتراح {maker} واعتماد {who} في {at}: {remark}",
    ),
    "mistaken_order.written_off": (
        "The network bears {amount}, as {maker} proposed and {who} approved at {at}: {remark}",
        "تتحمل الشبكة {amount}، باقتراح {maker} واعتماد {who} في {at}: {remark}",
    ),
    "quote": (
        "The price {amount} is value {face}, fee {fee}, discount {discount} and exchange {fx}, by"
        " version {version} of the reward.",
        "السعر {amount} هو القيمة {face} والرسم {fee} والخصم {discount} والصرف {fx}، وفق الإصدار"
        " {version} من المكافأة.",
    ),
    "card": (
        "A gift card of {amount} was issued at {at}.",
        "صدرت بطاقة هدية بقيمة {amount} في {at}.",
    ),
    "authorization": (
        "{owner} set {amount} of a card aside at {at}, took {captured} and gave {refunded} back.",
        "حجز {owner} {amount} من بطاقة في {at} وأخذ {captured} وأعاد {refunded}.",
    ),
    "authorization.fee": (
        "The network's fee is {rate} of {amount}: exactly {exact}; rounded, half to even: {result}.",
        "رسم الشبكة {rate} من {amount}: بالضبط {exact}، وبعد التقريب إلى الزوجي عند التساوي:"
        " {result}.",
    ),
    "booking": (
        "A seat for {amount} was booked; it takes place at {at}.",
        "حُجز مقعد بمبلغ {amount}، وموعده {at}.",
    ),
    "rate": (
        "1 {base} = {rate} {quote} was observed at {at} by {source}.",
        "1 {base} = {rate} {quote} رُصد في {at} من {source}.",
    ),
}
