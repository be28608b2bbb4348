"""Actions and amendments of records, the chain over closed ones, abuse, restrictions, months.

The chain is kept by triggers, so that records which the release before closes are linked as well. What was
closed before this revision is linked here, in the order in which it was closed.
"""

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KINDS = (
    "'emergency_called', 'exercise', 'family_called', 'follow_up', 'information', 'means_removed', "
    "'other', 'referral', 'safety_plan'"
)
STATES = "'agreed', 'discussed', 'done', 'failed', 'planned'"
FIELDS = (
    "'age_band', 'disposition', 'facts', 'judgment', 'marks', "
    "'problems', 'region', 'result', 'unknowns', 'words'"
)
ABUSES = "'insults', 'prank', 'sexual', 'threats'"
RESTRICTIONS = "'blocked', 'cooldown_24h', 'limited_plan'"
LINKED = "'acted', 'amended', 'closed', 'interrupted'"

DIGESTS = """
create function record_digest(r session) returns bytea language sql stable as $$
  select sha256(convert_to(jsonb_build_array(
    'session.1', r.id, r.contact_id, r.centre_id, r.staff_id, r.state, r.ended_by, r.screening,
    extract(epoch from r.begun_at), extract(epoch from r.opened_at), extract(epoch from r.ended_at),
    extract(epoch from r.closed_at), extract(epoch from r.screened_at),
    r.disposition, r.result, r.age_band, r.region, r.problems, r.marks,
    encode(sha256(r.screening_reason), 'hex'), encode(sha256(r.words), 'hex'),
    encode(sha256(r.facts), 'hex'), encode(sha256(r.judgment), 'hex'), encode(sha256(r.unknowns), 'hex')
  )::text, 'UTF8'))
$$;
create function record_digest(r record_action) returns bytea language sql stable as $$
  select sha256(convert_to(jsonb_build_array(
    'action.1', r.id, r.action_id, r.nth, r.session_id, r.contact_id, r.centre_id, r.staff_id,
    extract(epoch from r.at), r.kind, r.state, encode(sha256(r.words), 'hex')
  )::text, 'UTF8'))
$$;
create function record_digest(r amendment) returns bytea language sql stable as $$
  select sha256(convert_to(jsonb_build_array(
    'amendment.1', r.id, r.session_id, r.contact_id, r.centre_id, r.staff_id, extract(epoch from r.at),
    r.field, encode(r.before_digest, 'hex'), r.codes, encode(sha256(r.after), 'hex'),
    encode(sha256(r.reason), 'hex')
  )::text, 'UTF8'))
$$;
"""

LINK = """
create function link_record(
  of_centre uuid, of_kind text, of_session uuid, of_thing uuid, of_moment timestamptz, of_digest bytea
) returns void language sql as $$
  with head as (
    insert into record_head as h (centre_id, seq, prev_hash, digest, hash)
    values (of_centre, 1, decode(repeat('00', 32), 'hex'), of_digest,
            sha256(decode(repeat('00', 32), 'hex') || of_digest))
    on conflict (centre_id) do update
      set seq = h.seq + 1, prev_hash = h.hash, digest = excluded.digest,
          hash = sha256(h.hash || excluded.digest)
    returning *)
  insert into record_link (centre_id, seq, kind, session_id, thing_id, at, prev_hash, digest, hash)
  select centre_id, seq, of_kind, of_session, of_thing, of_moment, prev_hash, digest, hash from head
$$;
create function link_session() returns trigger language plpgsql as $$
begin
  perform link_record(new.centre_id, new.state, new.id, new.id,
                      coalesce(new.closed_at, new.ended_at, now()), record_digest(new));
  return null;
end
$$;
create function link_action() returns trigger language plpgsql as $$
begin
  perform link_record(new.centre_id, 'acted', new.session_id, new.id, new.at, record_digest(new));
  return null;
end
$$;
create function link_amendment() returns trigger language plpgsql as $$
begin
  perform link_record(new.centre_id, 'amended', new.session_id, new.id, new.at, record_digest(new));
  return null;
end
$$;
create trigger session_link after update of state on session for each row
  when (new.state in ('closed', 'interrupted') and old.state <> new.state) execute function link_session();
create trigger action_link after insert on record_action for each row execute function link_action();
create trigger amendment_link after insert on amendment for each row execute function link_amendment();
"""

BEFORE = """
do $$
declare ended session;
begin
  for ended in select * from session where state in ('closed', 'interrupted')
    order by coalesce(closed_at, ended_at), id
  loop
    perform link_record(ended.centre_id, ended.state, ended.id, ended.id,
                        coalesce(ended.closed_at, ended.ended_at, now()), record_digest(ended));
  end loop;
end
$$
"""

UNDO = """
drop trigger session_link on session;
drop trigger action_link on record_action;
drop trigger amendment_link on amendment;
drop function link_session();
drop function link_action();
drop function link_amendment();
drop function link_record(uuid, text, uuid, uuid, timestamptz, bytea);
drop function record_digest(session);
drop function record_digest(record_action);
drop function record_digest(amendment);
"""


def upgrade() -> None:
    """Add the tables and columns, the triggers, and the links of what is closed already."""
    op.add_column("session", sa.Column("region", sa.Text()))
    op.add_column("session", sa.Column("marks", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"))
    _actions()
    _amendments()
    _chain()
    _abuse()
    _months()
    for statement in (*_each(DIGESTS), *_each(LINK), BEFORE):
        op.execute(statement)


def _each(text: str) -> list[str]:
    """The statements of a text, of which each begins at the edge."""
    return re.split(r";\n(?=create|drop)", text.strip().removesuffix(";"))


def _actions() -> None:
    op.create_table(
        "record_action",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("nth", sa.SmallInteger(), nullable=False),
        *_whose(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary()),
        sa.CheckConstraint(f"kind in ({KINDS})", name="kind"),
        sa.CheckConstraint(f"state in ({STATES})", name="state"),
    )
    op.create_index("uq_record_action_nth", "record_action", ["action_id", "nth"], unique=True)
    op.create_index("ix_record_action_session", "record_action", ["session_id", "at"])


def _amendments() -> None:
    op.create_table(
        "amendment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        *_whose(),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before_digest", sa.LargeBinary(), nullable=False),
        sa.Column("codes", sa.ARRAY(sa.Text())),
        sa.Column("after", sa.LargeBinary()),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(f"field in ({FIELDS})", name="field"),
    )
    op.create_index("ix_amendment_session", "amendment", ["session_id", "at"])


def _whose() -> tuple[sa.Column[object], ...]:
    """Whose record, by whom, and when."""
    return (
        sa.Column("session_id", sa.Uuid(), sa.ForeignKey("session.id"), nullable=False),
        sa.Column("contact_id", sa.Uuid(), sa.ForeignKey("contact.id"), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def _chain() -> None:
    op.create_table(
        "record_head",
        sa.Column("centre_id", sa.Uuid(), sa.ForeignKey("centre.id"), primary_key=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        *_hashes(),
    )
    op.create_table(
        "record_link",
        sa.Column("centre_id", sa.Uuid(), sa.ForeignKey("centre.id"), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *_hashes(),
        sa.CheckConstraint(f"kind in ({LINKED})", name="kind"),
    )
    op.create_index("ix_record_link_thing", "record_link", ["thing_id"])


def _abuse() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("contact_id", sa.Uuid(), sa.ForeignKey("contact.id"), nullable=False),
        sa.Column("session_id", sa.Uuid(), sa.ForeignKey("session.id"), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary()),
        sa.Column("warned_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(f"kind in ({ABUSES})", name="kind"),
    )
    op.create_index("uq_incident_session", "incident", ["session_id"], unique=True)
    op.create_table(
        "restriction",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("centre_id", sa.Uuid(), sa.ForeignKey("centre.id"), nullable=False),
        sa.Column("caller_key", sa.LargeBinary(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), sa.ForeignKey("contact.id"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), sa.ForeignKey("staff.id")),
        sa.Column("lifted_by", sa.Uuid(), sa.ForeignKey("staff.id")),
        sa.Column("lifted_at", sa.DateTime(timezone=True)),
        sa.Column("lifted_why", sa.LargeBinary()),
        sa.CheckConstraint(f"kind in ({RESTRICTIONS})", name="kind"),
        sa.CheckConstraint("state in ('lifted', 'proposed', 'standing')", name="state"),
    )
    is_standing = sa.text("state = 'standing'")
    op.create_index("ix_restriction_caller", "restriction", ["caller_key"], postgresql_where=is_standing)
    op.create_index("ix_restriction_contact", "restriction", ["contact_id"])
    op.create_index("ix_restriction_centre", "restriction", ["centre_id", "ends_at"])


def _months() -> None:
    op.create_table(
        "monthly_report",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("centre_id", sa.Uuid(), sa.ForeignKey("centre.id"), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("definitions", sa.Text(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Uuid(), sa.ForeignKey("staff.id"), nullable=False),
    )
    op.create_index("uq_monthly_report_month", "monthly_report", ["centre_id", "month"], unique=True)


def _hashes() -> tuple[sa.Column[object], ...]:
    return tuple(
        sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("prev_hash", "digest", "hash")
    )


def downgrade() -> None:
    """Take the chain away, then what it was over; what was amended is lost."""
    for statement in _each(UNDO):
        op.execute(statement)
    op.drop_table("monthly_report")
    op.drop_table("restriction")
    op.drop_table("incident")
    for table in ("record_link", "record_head", "amendment", "record_action"):
        op.drop_table(table)
    op.drop_column("session", "marks")
    op.drop_column("session", "region")
