"""`unchanged`: around a step that is refused; not a row, journal entry or job may differ afterwards.

The database digests its own tables, so that it costs one question however much other tests have left.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tests.stage import Stage

TABLES = (
    "contact", "offer", "session", "leg", "message", "appraisal", "escalation", "page", "escalation_note",
    "escalation_joining", "crisis_team", "on_call", "coverage_gap", "assist",
    "subject", "assessment", "judgement", "instrument_version",
    "presence", "staff", "journal", "pgqueuer.pgqueuer",
    "task", "dispatch", "location_clue", "opening",
    "record_action", "amendment", "record_head", "record_link",
    "rulebook_version", "rulebook_change", "rulebook_activation", "rulebook_replay",
    "incident", "restriction", "monthly_report",
    "safety_plan", "follow_up_agreement", "follow_up", "follow_up_attempt", "outreach_call", "handover",
)  # fmt: skip


DIGEST = " union all ".join(
    f"select '{table}' as name, count(*) as rows, md5(string_agg(t::text, '' order by t::text)) from {table} as t"  # noqa: S608, E501
    for table in TABLES
)


@asynccontextmanager
async def unchanged(stage: Stage) -> AsyncGenerator[None]:
    """Everything that a step may write is the same before and after, to the byte."""
    before = await _everything(stage)
    yield
    assert await _everything(stage) == before


async def _everything(stage: Stage) -> dict[str, tuple[int, str | None]]:
    async with stage.store.connection() as connection:
        rows = await connection.fetch(DIGEST)
    return {row["name"]: (row["rows"], row["md5"]) for row in rows}
