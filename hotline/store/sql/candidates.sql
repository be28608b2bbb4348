-- The counselors of a centre to whom something may be offered now, at most so many of each kind.
-- People of one kind (languages, skills, chats) are alike to routing, so the longest idle of each are enough.
-- Those who hold nothing are found by a walk from kind to kind over the index, in the order of idleness: it ends
-- when there are enough, however many are free. The walk takes along who is first of each kind, and the kind is
-- read from there on: what an old snapshot keeps from being cleared away before is waded through once. Whoever
-- is engaged is passed over on the way; who that is, is read once from the open contacts of the centre: that is
-- all that a busy house costs, and it does not grow with those who wait. Those with chats in hand and room for
-- another are found from their chats, where anybody has such room. Whoever has declined a waiting contact is a
-- kind of their own, because to that contact they are not like the others. What is in hand is looked up only for
-- those who may have something.
with recursive kinds as (
  (select p.kind, greatest(p.idle_since, p.since) as idle_since, p.id, s.chat_capacity
   from presence as p join staff as s on s.id = p.id
   where p.centre_id = $1 and p.choice = 'ready' and p.is_connected and p.kind is not null
   order by p.kind, greatest(p.idle_since, p.since), p.id limit 1)
  union all
  select next.*
  from kinds,
  lateral (
    select p.kind, greatest(p.idle_since, p.since), p.id, s.chat_capacity
    from presence as p join staff as s on s.id = p.id
    where p.centre_id = $1 and p.choice = 'ready' and p.is_connected and p.kind > kinds.kind
    order by p.kind, greatest(p.idle_since, p.since), p.id limit 1
  ) as next
),
light as materialized (
  select counselor_id as id, count(*) as chats from contact
  where centre_id = $1 and state in ('offered', 'connecting', 'talking', 'wrapping')
    and (select max(chat_capacity) from kinds) > 1
  group by counselor_id
  having bool_and(state = 'talking' and channel = 'chat' and level not in ('high', 'imminent') and subject_level not in ('high', 'imminent'))
),
decliners as materialized (
  select distinct unnest(declined.declined_by) as id
  from (
    select declined_by from contact
    where centre_id = $1 and state = 'waiting' and declined_by <> '{}'
    order by rank, id limit $3
  ) as declined
),
found as (
  select longest.id, true as is_idle
  from kinds,
  lateral (
    select p.id from presence as p
    where p.centre_id = $1 and p.choice = 'ready' and p.is_connected and p.kind = kinds.kind
      and (greatest(p.idle_since, p.since), p.id) >= (kinds.idle_since, kinds.id)
      and p.free_at is null
      and p.id not in (select id from decliners)
      and p.id not in (
        select counselor_id from contact
        where centre_id = $1 and state in ('offered', 'connecting', 'talking', 'wrapping')
      )
    order by greatest(p.idle_since, p.since), p.id
    limit $2
  ) as longest
  union all
  select id, false from (
    select p.id, row_number() over (
      partition by p.kind, light.chats order by greatest(p.idle_since, p.since), p.id) as nth
    from light
    join presence as p on p.id = light.id
    join kinds on kinds.kind = p.kind and light.chats < kinds.chat_capacity
    where p.centre_id = $1 and p.choice = 'ready' and p.is_connected and p.free_at is null
      and p.id not in (select id from decliners)
  ) as engaged
  where nth <= $2
  union all
  select p.id, false from decliners join presence as p on p.id = decliners.id
  where p.centre_id = $1 and p.choice = 'ready' and p.is_connected and p.kind is not null
    and p.free_at is null
)
select person.*, h.chats as held, h.slots, h.since
from found,
lateral (
  select s.languages, s.skills, s.chat_capacity, s.device, p as presence
  from presence as p join staff as s on s.id = p.id
  where p.id = found.id
  limit 1
) as person,
lateral (
  select count(*) as chats, max(c.since) as since, array_agg(c.chat_slot) as slots,
         bool_or(c.state <> 'talking' or c.channel = 'voice' or c.level in ('high', 'imminent') or c.subject_level in ('high', 'imminent')) as is_whole
  from contact as c where c.counselor_id = found.id and not found.is_idle
) as h
where h.is_whole is not true and (h.chats = 0 or h.chats < person.chat_capacity)
