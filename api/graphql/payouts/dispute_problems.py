"""How the refusals of disputes are shown."""

from api.graphql.problems import ProblemCode, Rule
from payouts import disputes

_STATE, _INVALID = ProblemCode.STATE_CONFLICT, ProblemCode.INVALID_INPUT

PROBLEMS = (
    Rule(
        disputes.DisputeNotFound,
        ProblemCode.NOT_FOUND,
        "There is no such dispute.",
        "لا يوجد اعتراض بهذا المعرّف.",
    ),
    Rule(
        disputes.StatementNotDisputable,
        _STATE,
        "The statement is final, or a later version stands in its place. Nothing was disputed.",
        "كشف الحساب نهائي أو حلّت محله نسخة أحدث. لم يُسجَّل اعتراض.",
    ),
    Rule(
        disputes.DisputeTooLate,
        _STATE,
        "The statement could be disputed until {until}. Nothing was disputed; ask the network.",
        "كان الاعتراض على الكشف ممكنًا حتى {until}. لم يُسجَّل اعتراض، تواصل مع الشبكة.",
    ),
    Rule(
        disputes.LineNotDisputable,
        ProblemCode.NOT_FOUND,
        "The statement has no such line that its partner bears.",
        "لا يوجد في الكشف سطر كهذا يتحمله الشريك.",
    ),
    Rule(
        disputes.LineDisputed,
        _STATE,
        "The line is disputed already.",
        "هذا السطر معترض عليه من قبل.",
    ),
    Rule(
        disputes.DisputeAboveLine,
        ProblemCode.INVALID_AMOUNT,
        "No more can be disputed than the line says, nor accepted than was disputed.",
        "لا يمكن الاعتراض على أكثر من مبلغ السطر، ولا قبول أكثر مما اعتُرض عليه.",
    ),
    Rule(
        disputes.DisputeNotOpen,
        _STATE,
        "The dispute was decided or withdrawn. Nothing was booked.",
        "تم البت في الاعتراض أو سحبه. لم يُقيَّد شيء.",
    ),
    Rule(
        disputes.InvalidReason,
        _INVALID,
        "Give a reason of at most 500 characters.",
        "اذكر السبب بما لا يزيد على 500 حرف.",
    ),
)
