-- The counselors of a centre to whom something may be offered now, at most so many of each kind.
-- People of one kind (languages, skills, chats) are alike to routing, so the longest idle of each kind
-- are enough, and only they are handed over; finding them still sorts all who are free. Whoever has declined a
-- waiting contact is a kind of their own, because to that contact they are not like the others. Kinds are
-- told apart by a 64-bit hash: sorting thousands by lists of words costs ten times as much.
-- Who holds what is gathered first, by the index of held contacts: most of a busy house is left out by it.
with ready as materialized (
  select p.id, greatest(p.idle_since, p.since) as idle_since, p as presence
  from presence as p
  where p.centre_id = $1 and p.choice = 'ready' and p.is_connected and p.free_at is null
),
held as materialized (
  select c.counselor_id, count(*) as chats, max(c.since) as since, array_agg(c.chat_slot) as slots,
         bool_or(c.state <> 'talking' or c.channel = 'voice' or c.level in ('high', 'imminent')) as is_whole
  from contact as c
  where c.counselor_id in (select id from ready)
  group by c.counselor_id
),
decliners as materialized (
  select distinct unnest(declined.declined_by) as id
  from (
    select declined_by from contact
    where centre_id = $1 and state = 'waiting' and declined_by <> '{}'
    order by rank, id limit $3
  ) as declined
),
able as (
  select s.languages, s.skills, s.chat_capacity, s.device, ready.presence,
         coalesce(held.chats, 0) as held, held.slots, held.since,
         row_number() over (
           partition by hash_record_extended(
             row(s.languages, s.skills, s.chat_capacity, coalesce(held.chats, 0), d.id), 0)
           order by ready.idle_since, s.id) as nth
  from ready
  join staff as s on s.id = ready.id and s.is_active and 'counselor' = any(s.roles)
  left join held on held.counselor_id = ready.id
  left join decliners as d on d.id = ready.id
  where held.is_whole is not true
)
select languages, skills, chat_capacity, device, presence, held, slots, since from able where nth <= $2
