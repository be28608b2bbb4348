"""What earlier contacts of the same caller say: for the queue, the rules, and whoever opens a contact."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.domain.background import Background
from hotline.domain.contact import Contact
from hotline.store.driver import Connection, one


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What earlier contacts of the same caller say; None where there is no caller key."""

    join_to_resume: datetime | None = None
    contacts: int = 0
    recent_high: bool | None = None
    recent_attempt: bool | None = None
    abandoned_recently: bool | None = None
    frequent: bool | None = None

    def background(self, background: Background) -> Background:
        """The background with what is known now of the caller."""
        return replace(
            background,
            recent_high=self.recent_high,
            recent_attempt=self.recent_attempt,
            abandoned_recently=self.abandoned_recently,
            frequent=self.frequent,
        )


ATTEMPTS: Final = ("in_progress", "attempt_recent")
"""Categories of the rulebook that tell of an attempt of these days; a counselor's note tells of one too."""
ATTEMPT_DAYS: Final = 14
"""An attempt weighs as high for so long (requirements 3a, from the Beijing criteria)."""
OFTEN: Final = 8
"""So many contacts within 30 days make a frequent caller, whose care plan is looked for; never a refusal."""


FOUND: Final = """exists (
         select 1 from contact as e join follow_up as f on f.contact_id = e.id
           join follow_up_attempt as t on t.follow_up_id = f.id
         where e.caller_key = $1 and e.centre_id = $2"""
"""What was found out when we called them counts from that day, however long ago the contact was."""

EARLIER: Final = f"""
select count(*) filter (where state not in ('waiting', 'offered', 'connecting')) as contacts,
       coalesce(bool_or(level in ('high', 'imminent') or subject_level in ('high', 'imminent')), false)
         or {FOUND} and t.at > $5 and (t.level in ('high', 'imminent') or t.acts_since = 'attempt'))
         as recent_high,
       coalesce(bool_or(arrived_at > $6 and (background->'heard' ?| $7::text[]
         or background->'noted' ? 'noted_act')), false)
         or {FOUND} and t.at > $6 and t.acts_since = 'attempt') as recent_attempt,
       count(*) filter (where state = 'abandoned' and ended_at > $4) as abandoned,
       max(joined_at) filter (where state in ('waiting', 'offered', 'connecting')
         or (state = 'abandoned' and ended_at > $3 and joined_at is not null
           and not exists (select 1 from contact as later where later.caller_key = $1
             and later.answered_at > contact.ended_at))) as join_to_resume
from contact where caller_key = $1 and centre_id = $2 and arrived_at > $5
  and state in ('waiting', 'offered', 'connecting', 'closed', 'abandoned', 'diverted',
    'wrapping')"""  # noqa: S608  ours


async def earlier_of(
    connection: Connection,
    caller_key: bytes | None,
    centre_id: UUID,
    now: datetime,
    within_seconds: int,
) -> Earlier:
    """The history that routing and rules may use: the wait to be taken up again, and the last 30 days.

    That wait was abandoned, or it stands: who was cut off calls again before anybody has noticed that the
    first call is over. The caller takes its join time along at once; what stands is left to the survey.
    """
    if caller_key is None:
        return Earlier()
    row = await one(
        connection,
        EARLIER,
        caller_key,
        centre_id,
        now - timedelta(seconds=within_seconds),
        now - timedelta(hours=1),
        now - timedelta(days=30),
        now - timedelta(days=ATTEMPT_DAYS),
        list(ATTEMPTS),
    )
    return Earlier(
        join_to_resume=row["join_to_resume"],
        contacts=row["contacts"],
        recent_high=row["recent_high"],
        recent_attempt=row["recent_attempt"],
        abandoned_recently=row["abandoned"] >= 2,  # noqa: PLR2004  twice in an hour
        frequent=row["contacts"] >= OFTEN,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What whoever opens a contact is told of the caller's earlier ones."""

    contacts: int = 0
    recent_high: bool = False


async def history_of(connection: Connection, contact: Contact) -> History:
    """The caller's contacts with this centre before this one; nothing where the caller is unknown."""
    if contact.caller_key is None:
        return History()
    row = await one(
        connection,
        """select count(*) as contacts,
                  coalesce(bool_or((level in ('high', 'imminent') or subject_level in ('high', 'imminent'))
                    and arrived_at > $4), false) as recent_high
           from contact where caller_key = $1 and centre_id = $2 and arrived_at < $3 and id <> $5""",
        contact.caller_key,
        contact.centre_id,
        contact.arrived_at,
        contact.arrived_at - timedelta(days=30),
        contact.id,
    )
    return History(contacts=row["contacts"], recent_high=row["recent_high"])
