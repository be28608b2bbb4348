"""Where flags lead, from `config/routes.toml`: every flag that a rule may raise has a route, and no other."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from hotline.base.errors import Broken
from hotline.domain.level import Level
from hotline.domain.routes import FLAGS, Agency, Route, Routes

AGENCIES_MAX = 6


def _level(value: object) -> object:
    return Level.parse(value) if isinstance(value, str) else value


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Agency(_Row):
    code: Annotated[str, Field(pattern=r"^[a-z0-9_]{2,30}$")]
    number: Annotated[str, Field(pattern=r"^\+?[0-9]{2,20}$")]


class _Route(_Row):
    order: Annotated[int, Field(ge=1, le=99)]
    team: Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,39}$")]
    agencies: Annotated[tuple[_Agency, ...], Field(min_length=1, max_length=AGENCIES_MAX)]
    from_level: Annotated[Level, BeforeValidator(_level)]
    report: bool
    zh: Annotated[str, Field(min_length=1, max_length=200)]
    en: Annotated[str, Field(min_length=1, max_length=200)]


_FILE = TypeAdapter(dict[str, _Route])


def load(raw: Mapping[str, Any]) -> Routes:
    """The routes of a file that was read.

    Raises:
        Broken: a flag has none, or one is wrong; the sentence says which.
    """
    try:
        rows = _FILE.validate_python(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise Broken("policy.routes", f"routes.toml: {place}: {first['msg']}.") from None
    if astray := set(rows) ^ set(FLAGS):
        names = ", ".join(sorted(astray))
        raise Broken("policy.routes", f"routes.toml: every flag has one route, and nothing else: {names}.")
    return {flag: _route(flag, row) for flag, row in rows.items()}


def _route(flag: str, row: _Route) -> Route:
    return Route(
        flag=flag,
        order=row.order,
        team=row.team,
        agencies=tuple(Agency(code=each.code, number=each.number) for each in row.agencies),
        from_level=row.from_level,
        report=row.report,
        zh=row.zh,
        en=row.en,
    )
