"""How large a GraphQL document may be, by the kind of caller."""

from dataclasses import dataclass

# No answer of this platform needs more; beyond it a number is only ever compared with a limit.
COUNT_CEILING = 1_000_000_000


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """The bounds that a document keeps before anything of it is executed."""

    depth_max: int = 14
    aliases_max: int = 64
    root_fields_max: int = 10
    nodes_max: int = 5_000
    directives_max: int = 50
    # The same field again in the same braces: no client needs it, validation is quadratic in it.
    repeats_max: int = 50
    tokens_max: int = 2_000
    mutations_max: int = 1
    # The standard introspection query is 14 levels deep below `__schema`.
    introspection_depth_max: int = 20

    @property
    def cost_max(self) -> int:
        """Objects that one answer may hold: ten for every node a caller may page through."""
        return 10 * self.nodes_max


MEMBER_LIMITS = DocumentLimits()
PARTNER_LIMITS = DocumentLimits(nodes_max=20_000)
STAFF_LIMITS = DocumentLimits(nodes_max=100_000)
