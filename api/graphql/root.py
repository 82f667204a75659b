"""Root fields that belong to no house."""

from typing import Annotated

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from api.graphql.nodes import ID_LENGTH_MAX, Node, load_node
from api.graphql.permissions import EVERYONE, query

NODES_MAX = 100


@strawberry.type
class Query:
    """Finding anything by its id."""

    @query(allow=EVERYONE)
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:  # noqa: A002
        """The object of an id; null when there is none that this caller may see."""
        found: Node | None = await load_node(info.context, id[: ID_LENGTH_MAX + 1])
        return found

    @query(allow=EVERYONE)
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100.")],
    ) -> list[Node | None]:
        """The objects of several ids, in their order; null where there is none to be seen."""
        if len(ids) > NODES_MAX:
            raise GraphQLError(
                f"Ask for at most {NODES_MAX} ids.", extensions={"code": "BAD_ARGUMENT"}
            )
        return [await load_node(info.context, one[: ID_LENGTH_MAX + 1]) for one in ids]
