"""What columns are made of: the root of the mapped classes, sealed columns, states as constraints."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    TextClause,
    Time,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from hotline.domain.level import Level
from hotline.domain.machine import Machine

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


LEVELS = tuple(each.text for each in Level)


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in DDL."""
        return "xid8"


class Table(DeclarativeBase):
    """The root of the mapped classes."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads this class attribute by name
        datetime: DateTime(timezone=True),
        UUID: Uuid(as_uuid=True),
        str: Text(),
        bytes: LargeBinary(),
        list[str]: ARRAY(Text()),
        list[UUID]: ARRAY(Uuid(as_uuid=True)),
        dict[str, Any]: JSONB(),
        time: Time(),
        int: Integer(),
    }


class Row(Table):
    """A table whose rows have an id that is made before the row."""

    __abstract__ = True
    id: Mapped[UUID] = mapped_column(primary_key=True)


def sealed(*, is_optional: bool = True) -> Mapped[Any]:
    """A column that holds a seal of the vault."""
    return mapped_column(LargeBinary(), nullable=is_optional, info={"sealed": True})


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """A column that holds one of these words."""
    allowed = ", ".join(f"'{value}'" for value in sorted(values))
    return CheckConstraint(f"{column} in ({allowed})", name=column)


def state(machine: Machine) -> CheckConstraint:
    """A state column that holds exactly the states of a machine."""
    return one_of("state", machine.states)


def level() -> CheckConstraint:
    """A level column."""
    return one_of("level", LEVELS)


def partial(name: str, *columns: str | TextClause, where: str) -> Index:
    """An index over the rows that matter, which are few however many there have been."""
    return Index(name, *columns, postgresql_where=text(where))


def only_one(name: str, *columns: str, where: str) -> Index:
    """The last word on who holds what: among these rows, no two are alike in `columns`."""
    return Index(name, *columns, unique=True, postgresql_where=text(where))
