"""The table of months that were put away."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store.columns import Row


class MonthlyReport(Row):
    """The counts of a month, with the version of the formulas that they were counted by."""

    __tablename__ = "monthly_report"
    __table_args__ = (Index("uq_monthly_report_month", "centre_id", "month", unique=True),)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    month: Mapped[date] = mapped_column(Date())
    definitions: Mapped[str]
    counts: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
