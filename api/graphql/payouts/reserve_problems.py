"""How the refusals of reserves are shown."""

from api.graphql.problems import ProblemCode, Rule
from payouts import reserves

PROBLEMS = (
    Rule(
        reserves.ReservePolicyInvalid,
        ProblemCode.INVALID_INPUT,
        "A reserve is at most 5,000 basis points of what is paid, for 1 to 3,650 days.",
        "لا يزيد الاحتياطي على 5,000 نقطة أساس من المدفوع، لمدة من يوم واحد إلى 3,650 يومًا.",
    ),
)
