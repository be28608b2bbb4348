-- What those on duty in a centre can do, told by one person of each kind; by a walk from kind to kind over
-- the index, so it costs as much as there are kinds, however many are on duty.
with recursive kinds as (
  (select kind, id from presence
   where centre_id = $1 and choice = 'ready' and is_connected and kind is not null
   order by kind limit 1)
  union all
  select next.kind, next.id
  from kinds,
  lateral (
    select kind, id from presence
    where centre_id = $1 and choice = 'ready' and is_connected and kind > kinds.kind
    order by kind limit 1
  ) as next
)
select distinct what.languages, what.skills
from kinds, lateral (select languages, skills from staff where id = kinds.id limit 1) as what
