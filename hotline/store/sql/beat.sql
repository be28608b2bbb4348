-- Signs of life of many people in one commit; a row that a step holds is passed over, so that one long
-- transaction does not make everybody else seem silent.
update presence as p set heartbeat_at = $2
from (
  select id from presence where id = any($1) and is_connected
  for no key update skip locked
) as living
where p.id = living.id
returning p.id
