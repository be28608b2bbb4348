"""The escalation of a journey is the open one, whatever the clocks said when it was declared.

Nodes' clocks differ. One that was behind declared an escalation that seemed older than one closed before it;
the closed one was then taken for the latest, and the open one was hidden from every step.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

LOCK = """
create or replace function lock_journey(of_contact uuid, is_patient boolean)
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
    where e.contact_id = of_contact order by {order} limit 1;
  return next;
end
$$"""


def upgrade() -> None:
    """Look for the open one first."""
    op.execute(LOCK.format(order="e.closed_at is null desc, e.declared_at desc"))


def downgrade() -> None:
    """Look for the latest again."""
    op.execute(LOCK.format(order="e.declared_at desc"))
