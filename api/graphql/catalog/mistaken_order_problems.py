"""How the refusals about mistaken orders are shown."""

from api.graphql.problems import ProblemCode, Rule, register_problems
from catalog.redemptions import (
    MistakenOrderEnded,
    MistakenOrderNotFound,
    OrderChargeUnfit,
    OrderReferenceTaken,
    OrderReferenceUnfit,
    OrderRemarkMissing,
    OrderResolutionOutdated,
    OrderResolverApproves,
    SupplierOrderNotFound,
    SupplierOrderOpen,
)

_STATE, _INVALID = ProblemCode.STATE_CONFLICT, ProblemCode.INVALID_INPUT

PROBLEMS = (
    Rule(
        SupplierOrderNotFound,
        ProblemCode.NOT_FOUND,
        "No supplier was ever sent an order under this key.",
        "لم يُرسل أي طلب إلى أي مورّد بهذا المفتاح.",
    ),
    Rule(
        SupplierOrderOpen,
        _STATE,
        "The order is still on its way; what becomes of it is noticed by itself. Nothing changed.",
        "الطلب لا يزال قيد التنفيذ وسيُعرف مآله تلقائيًا. لم يتغير شيء.",
    ),
    Rule(
        MistakenOrderNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such mistaken order.",
        "لا يوجد طلب خاطئ بهذا المعرّف.",
    ),
    Rule(
        MistakenOrderEnded,
        _STATE,
        "The mistaken order is {state}, so this can no longer become of it. Nothing changed.",
        "حالة الطلب الخاطئ ({state}) لا تسمح بذلك. لم يتغير شيء.",
    ),
    Rule(
        OrderReferenceUnfit,
        _INVALID,
        "Name the order as its supplier does; one whose name is known keeps it. Nothing changed.",
        "اذكر مرجع الطلب لدى المورّد، وما عُرف مرجعه لا يتغير. لم يتغير شيء.",
    ),
    Rule(
        OrderReferenceTaken,
        ProblemCode.ALREADY_EXISTS,
        "The reference is that of a delivered order, or of another mistaken one. Nothing changed.",
        "المرجع لطلب سُلّم أو لطلب خاطئ آخر. لم يتغير شيء.",
    ),
    Rule(
        OrderChargeUnfit,
        ProblemCode.INVALID_AMOUNT,
        "Say what the supplier charges for an order that is written off, and only then."
        " Nothing changed.",
        "اذكر ما يتقاضاه المورّد عن الطلب المشطوب، وعنه وحده. لم يتغير شيء.",
    ),
    Rule(
        OrderRemarkMissing,
        _INVALID,
        "Give a remark of at most 500 characters.",
        "اذكر ملاحظة لا تزيد على 500 حرف.",
    ),
    Rule(
        OrderResolutionOutdated,
        _STATE,
        "This proposal does not wait for an approval, or another took its place. Nothing changed.",
        "لا ينتظر هذا المقترح الاعتماد، أو حلّ محله مقترح آخر. لم يتغير شيء.",
    ),
    Rule(
        OrderResolverApproves,
        ProblemCode.MAKER_IS_CHECKER,
        "Who proposed what becomes of an order cannot approve it. Nothing changed.",
        "لا يجوز لمن اقترح مآل الطلب أن يعتمده. لم يتغير شيء.",
    ),
)

register_problems(PROBLEMS)
