"""Locking a contact and reading what moves with it is one question instead of two.

A row lock reads only its own row anew, so whatever else moves under the lock must be read by a later
statement; within a function each statement has a view of its own, and costs no way to the server and back.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LOCK = """
create function lock_journey(of_contact uuid, is_patient boolean)
  returns table (contact contact, offer offer, session session, escalation escalation)
  language plpgsql as $$
begin
  if is_patient then
    select c.* into contact from contact as c where c.id = of_contact for update;
  else
    select c.* into contact from contact as c where c.id = of_contact for update skip locked;
  end if;
  if contact.id is null then
    return;
  end if;
  select o.* into offer from offer as o where o.contact_id = of_contact and o.state = 'pending';
  select s.* into session from session as s
    where s.contact_id = of_contact and s.state in ('connecting', 'open', 'wrapping');
  select e.* into escalation from escalation as e
    where e.contact_id = of_contact order by e.declared_at desc limit 1;
  return next;
end
$$"""


def upgrade() -> None:
    """Add the function; the former code does not know of it."""
    op.execute(LOCK)


def downgrade() -> None:
    """Take it away again."""
    op.execute("drop function lock_journey(uuid, boolean)")
