-- Signs of life of many pages in one commit; a contact that a step holds is passed over until the next.
update contact as c set seen_at = $2
from (
  select id from contact where id = any($1)
  for no key update skip locked
) as living
where c.id = living.id
returning c.id
