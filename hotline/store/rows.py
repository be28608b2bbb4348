"""Between frozen domain data and table rows: one mapping per kind, in both directions.

A field and its column share a name; what differs is stated by the column's type: sealed columns go
through the vault, arrays become tuples or frozensets, levels and enumerations their text, nested data
JSON (written as text; the engine's codec hands it back decoded). The mapping is made once from the
dataclass and the table, so a field without a column is
noticed at import, not at midnight.
"""

import dataclasses
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from operator import attrgetter
from typing import Any, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB

from hotline.base.sensitive import Sensitive
from hotline.domain.level import Level
from hotline.store.vault import Vault

Encode = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One column: the way to its value through the entity, and how to write and read it."""

    column: str
    path: tuple[str, ...]
    is_sealed: bool
    write: Encode
    read: Encode

    @property
    def name(self) -> str:
        """The field's own name, within the data that it belongs to."""
        return self.path[-1]

    @property
    def is_plain(self) -> bool:
        """Whether the driver's value is the field's own."""
        return not self.is_sealed and self.read is _same


Plain = tuple[tuple[str, str], ...]
"""Names and columns of fields that need no reading."""


class Layout:
    """How one kind of domain data lies in its table.

    What can be known beforehand is worked out here, because every step of the house writes and reads by it.
    """

    def __init__(self, kind: type[Any], table: Table, *, flatten: tuple[str, ...] = ()) -> None:
        """Pair `kind` with `table`; the fields of those named in `flatten` are columns of their own."""
        self.kind = kind
        self.table = table.name
        self.fields = tuple(_fields(kind, table, flatten))
        hints = get_type_hints(kind)
        self._nested = {name: (hints[name], *self._read_by((name,))) for name in flatten}
        self._own = self._read_by(())
        self._all = attrgetter(*(".".join(field.path) for field in self.fields))

    def values(self, entity: Any, vault: Vault) -> dict[str, Any]:
        """Column -> driver value of every field."""
        pairs = zip(self.fields, self._all(entity), strict=True)
        return {field.column: self._written(field, entity.id, value, vault) for field, value in pairs}

    def changes(self, before: Any, after: Any, vault: Vault) -> dict[str, Any]:
        """Column -> driver value of every field in which the two differ."""
        pairs = zip(self.fields, self._all(before), self._all(after), strict=True)
        return {
            field.column: self._written(field, after.id, new, vault)
            for field, old, new in pairs
            if new is not old and new != old
        }

    def entity(self, record: Mapping[str, Any], vault: Vault) -> Any:
        """The domain data of a row."""
        flat = self._part(record, vault, *self._own)
        for name, (kind, plain, other) in self._nested.items():
            flat[name] = kind(**self._part(record, vault, plain, other))
        return self.kind(**flat)

    def _read_by(self, place: tuple[str, ...]) -> tuple[Plain, tuple[Field, ...]]:
        here = [field for field in self.fields if field.path[:-1] == place]
        plain = tuple((field.name, field.column) for field in here if field.is_plain)
        return plain, tuple(field for field in here if not field.is_plain)

    def _part(
        self, record: Mapping[str, Any], vault: Vault, plain: Plain, other: tuple[Field, ...]
    ) -> dict[str, Any]:
        part = {name: record[column] for name, column in plain}
        for field in other:
            part[field.name] = self._read(field, record, vault)
        return part

    def _written(self, field: Field, row_id: UUID, value: Any, vault: Vault) -> Any:
        if value is None:
            return None
        if field.is_sealed:
            return vault.seal(f"{self.table}.{field.column}", row_id, value)
        return field.write(value)

    def _read(self, field: Field, record: Mapping[str, Any], vault: Vault) -> Any:
        raw = record[field.column]
        if raw is None:
            return Sensitive("") if field.is_sealed and len(field.path) > 1 else None
        if field.is_sealed:
            return vault.open(f"{self.table}.{field.column}", cast("UUID", record["id"]), raw)
        return field.read(raw)


def _fields(kind: type[Any], table: Table, flatten: tuple[str, ...]) -> list[Field]:
    hints = get_type_hints(kind)
    found: list[Field] = []
    for each in dataclasses.fields(kind):
        if each.name in flatten:
            inner = get_type_hints(hints[each.name])
            found.extend(_field(table, (each.name, name), hint) for name, hint in inner.items())
        else:
            found.append(_field(table, (each.name,), hints[each.name]))
    return found


def _field(table: Table, path: tuple[str, ...], hint: Any) -> Field:
    column = table.columns[path[-1]]
    write, read = _codec(_required(hint), is_json=isinstance(column.type, JSONB))
    return Field(
        column=column.name, path=path, is_sealed=bool(column.info.get("sealed")), write=write, read=read
    )


def _codec(hint: Any, *, is_json: bool) -> tuple[Encode, Encode]:
    if is_json:
        return _json_codec(hint)
    origin = get_origin(hint)
    if origin in {tuple, frozenset}:
        inner = get_args(hint)[0]
        if isinstance(inner, type) and issubclass(inner, Enum):
            return (lambda value: sorted(str(each.value) for each in value)), lambda raw: origin(
                map(inner, raw)
            )
        is_set = origin is frozenset
        return (sorted if is_set else list), origin
    if hint is Level:
        return (lambda value: value.text), Level.parse
    if isinstance(hint, type) and issubclass(hint, Enum):
        return (lambda value: value.value), hint
    return _same, _same


def _json_codec(hint: Any) -> tuple[Encode, Encode]:
    if dataclasses.is_dataclass(hint):
        kind = cast("Callable[..., Any]", hint)
        kinds = {name: _required(each) for name, each in get_type_hints(hint).items()}
        return (
            lambda value: orjson.dumps(value, default=_plain).decode(),
            lambda raw: kind(**_restored(kinds, raw)),
        )
    return (lambda value: orjson.dumps(value, default=_plain).decode()), _same


def _restored(kinds: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: UUID(value) if value is not None and kinds[name] is UUID else value
        for name, value in raw.items()
        if name in kinds
    }


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):  # the driver's own kind, which the encoder does not know
        return str(value)
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    raise TypeError(type(value).__name__)


def _required(hint: Any) -> Any:
    if get_origin(hint) in {Union, types.UnionType}:
        return next(arm for arm in get_args(hint) if arm is not type(None))
    return hint


def _same(value: Any) -> Any:
    return value
