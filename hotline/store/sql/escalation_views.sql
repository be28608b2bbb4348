-- Escalations by id, open or over, with the counselor of their contact.
select e as escalation, c.counselor_id
from escalation as e join contact as c on c.id = e.contact_id
where e.id = any($1)
