-- The counselors of a centre to whom something may be offered now, at most so many of each kind.
-- People of one kind (languages, skills, chats) are alike to routing, so the longest idle of each kind
-- are enough, and a house of five thousand costs no more than one of fifty. Whoever has declined a
-- waiting contact is a kind of their own, because to that contact they are not like the others.
with unheld as (
  select p.id, p.idle_since, p.since, p as presence from presence as p
  where p.centre_id = $1 and p.choice = 'ready' and p.is_connected and p.free_at is null
    and not exists (
      select 1 from contact as c
      where c.counselor_id = p.id
        and (c.state <> 'talking' or c.channel = 'voice' or c.level in ('high', 'imminent')))
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
  select s.id, s.languages, s.skills, s.chat_capacity, s.device, p.presence,
         chats.held, chats.slots, chats.since,
         row_number() over (
           partition by s.languages, s.skills, s.chat_capacity, chats.held,
                        case when d.id is not null then s.id end
           order by greatest(p.idle_since, p.since), s.id) as nth
  from unheld as p
  join staff as s on s.id = p.id and s.is_active and 'counselor' = any(s.roles)
  left join decliners as d on d.id = p.id
  cross join lateral (
    select count(*) as held, max(c.since) as since, array_agg(c.chat_slot) as slots
    from contact as c where c.counselor_id = p.id
  ) as chats
)
select languages, skills, chat_capacity, device, presence, held, slots, since from able where nth <= $2
