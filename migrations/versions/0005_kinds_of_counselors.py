"""What routing sees in a counselor, told by one number beside the presence: the longest idle of each kind.

The number is a hash of what a person can take, and empty for whoever takes nothing; so the dispatcher walks
the index from kind to kind, and never reads everybody who is free. The database keeps it by itself: whatever
changes a person (the former code, an operator's own hand) changes the kind in the same transaction, so nobody
can be of an old kind, nor of none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KIND = """
create function staff_kind(person staff) returns bigint language sql stable as $$
  select case when person.is_active and 'counselor' = any(person.roles)
    then hash_record_extended(row(person.languages, person.skills, person.chat_capacity), 0) end
$$"""
OF_STAFF = """
create function staff_changes_kind() returns trigger language plpgsql as $$
  begin
    update presence set kind = staff_kind(new) where id = new.id and kind is distinct from staff_kind(new);
    return null;
  end
$$"""
OF_PRESENCE = """
create function presence_takes_kind() returns trigger language plpgsql as $$
  begin
    new.kind := (select staff_kind(s) from staff as s where s.id = new.id);
    return new;
  end
$$"""


def upgrade() -> None:
    """Add the kind, keep it, and index it; whoever writes a presence without it is given one."""
    op.add_column("presence", sa.Column("kind", sa.BigInteger(), nullable=True))
    for function in (KIND, OF_STAFF, OF_PRESENCE):
        op.execute(function)
    op.execute(
        """create trigger staff_kind after update of languages, skills, chat_capacity, roles, is_active
           on staff for each row execute function staff_changes_kind()"""
    )
    op.execute(
        """create trigger presence_kind before insert on presence
           for each row execute function presence_takes_kind()"""
    )
    op.execute("update presence as p set kind = staff_kind(s) from staff as s where s.id = p.id")
    op.create_index(
        "ix_presence_kind",
        "presence",
        ["centre_id", "kind", sa.text("greatest(idle_since, since)"), "id"],
        postgresql_where="choice = 'ready' and is_connected and kind is not null",
    )


def downgrade() -> None:
    """Take it all away again."""
    op.execute("drop trigger presence_kind on presence")
    op.execute("drop trigger staff_kind on staff")
    for function in ("presence_takes_kind()", "staff_changes_kind()", "staff_kind(staff)"):
        op.execute(f"drop function {function}")
    op.drop_index("ix_presence_kind", "presence")
    op.drop_column("presence", "kind")
