"""The official month, as JSON for the console and as CSV for the office; never anything but counts."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel

from hotline.base import clock
from hotline.domain import measures
from hotline.domain.access import Permission, Viewer
from hotline.flow import report
from hotline.flow.report import Told
from hotline.web.console import reach
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api/reports", tags=["reports"])

Reporter = Annotated[Viewer, Depends(reach.anybody(Permission.REPORT))]
MonthText = Annotated[str, Path(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$", description="YYYY-MM")]


class CentreShown(BaseModel):
    """A centre, and the month that has begun by its own clock, as YYYY-MM."""

    id: UUID
    name: str
    parent_id: UUID | None
    month: str


class CentresShown(BaseModel):
    centres: tuple[CentreShown, ...]


class CellShown(BaseModel):
    """A count, or null where it is withheld because it is too small or would tell one that is."""

    name: str
    count: int | None


class RateShown(BaseModel):
    """Percent with one decimal; null where there is nothing to divide by, or a part is withheld."""

    name: str
    percent: float | None


class MonthShown(BaseModel):
    """A month of a centre by its own clock; `put_away_at` is null as long as it is counted afresh."""

    centre_id: UUID
    centre: str
    month: str
    definitions: str
    begins_at: datetime
    ends_at: datetime
    put_away_at: datetime | None
    cells: tuple[CellShown, ...]
    problems: tuple[CellShown, ...]
    rates: tuple[RateShown, ...]


@router.get("/centres")
async def list_centres(edge: TheEdge, viewer: Reporter) -> CentresShown:
    """Whose month there is to be seen, one's own centre first, and which month it is there now."""
    now = clock.now()
    return CentresShown(
        centres=tuple(
            CentreShown(
                id=each.id,
                name=each.name,
                parent_id=each.parent_id,
                month=measures.month_at(now, each.timezone),
            )
            for each in await report.centres(edge.store, viewer)
        )
    )


@router.get("/months/{month}")
async def show(
    edge: TheEdge, viewer: Reporter, month: MonthText, centre_id: UUID | None = None
) -> MonthShown:
    """The official month of one's own centre, or of one below it."""
    told = await report.month(edge.store, edge.policies, viewer, centre_id or viewer.centre_id, month)
    return _shown(told)


@router.get("/months/{month}/csv", include_in_schema=False)
async def as_csv(
    edge: TheEdge, viewer: Reporter, month: MonthText, centre_id: UUID | None = None
) -> Response:
    """The same as a table; what is withheld is a dash, so that it is not told how small it is."""
    told = await report.month(edge.store, edge.policies, viewer, centre_id or viewer.centre_id, month)
    text = io.StringIO()
    csv.writer(text).writerows(_rows(_shown(told)))
    name = f'attachment; filename="hotline-{month}.csv"'
    return Response(text.getvalue(), media_type="text/csv", headers={"content-disposition": name})


@router.post("/months/{month}/snapshots", status_code=204)
async def put_away(edge: TheEdge, viewer: Reporter, month: MonthText, centre_id: UUID | None = None) -> None:
    """Put a month away that is over: from then on it is told as it was counted."""
    asked = centre_id or viewer.centre_id
    await report.put_away(edge.store, edge.policies, viewer, asked, month, clock.now())


def _shown(told: Told) -> MonthShown:
    return MonthShown(
        centre_id=told.centre.id,
        centre=told.centre.name,
        month=told.month.first.isoformat()[:7],
        definitions=told.report.definitions,
        begins_at=told.month.begins_at,
        ends_at=told.month.ends_at,
        put_away_at=told.put_away_at,
        cells=tuple(CellShown(name=name, count=count) for name, count in told.report.cells.items()),
        problems=tuple(CellShown(name=name, count=count) for name, count in told.report.problems.items()),
        rates=tuple(RateShown(name=name, percent=rate) for name, rate in told.report.rates.items()),
    )


def _or_dash(count: float | None) -> float | str:
    return "-" if count is None else count


def _rows(shown: MonthShown) -> Iterator[tuple[object, ...]]:
    yield ("month", shown.month)
    yield ("definitions", shown.definitions)
    yield from ((each.name, _or_dash(each.count)) for each in shown.cells)
    yield from ((each.name, _or_dash(each.percent)) for each in shown.rates)
    yield from ((f"problem:{each.name}", _or_dash(each.count)) for each in shown.problems)
