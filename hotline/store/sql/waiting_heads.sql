-- The head of every distinct need that is within reach of those who are free, in the order of the queue: a
-- counselor with few skills never wades through the contacts of others. A recursive walk over the index finds
-- the needs, LATERAL the first few of each; both stay flat however many wait. What is beyond reach is not read:
-- a language that none of them speaks, a skill that none of them has. Not everybody can have whoever stands
-- first: a person with a chat in hand takes no grave one, and one without the skills only whoever has waited so
-- long that they are waived. So the first few are found for each kind of person that there is. Of the needs that
-- everybody can meet the first few in all are enough: one from the need whose head stands last of these few, one
-- more from each before it. Contacts that somebody has declined are added apart.
-- The walk takes along who stands first in each need, and each need is read from there on: what was claimed
-- before is waded through once, however much of it an old snapshot keeps from being cleared away.
with recursive needs as (
  (select need, channel, rank, id from contact where centre_id = $1 and state = 'waiting'
   order by need, channel, rank, id limit 1)
  union all
  select next.*
  from needs,
  lateral (
    select need, channel, rank, id from contact
    where centre_id = $1 and state = 'waiting' and (need, channel) > (needs.need, needs.channel)
    order by need, channel, rank, id limit 1
  ) as next
),
wanted as (
  select need, channel, rank, id, words[1] as language, words[2:] as skills
  from needs, lateral (select string_to_array(need, '|') as words) as told
  where words[1] = any($6::text[])
),
persons as (
  select is_engaged, is_unskilled
  from unnest($5::boolean[]) as is_engaged, (values (false), (true)) as skill (is_unskilled)
),
sought as (
  select need, channel, wanted.rank, wanted.id, is_engaged, is_unskilled,
         not is_unskilled and language = any($8::text[]) and skills <@ $9::text[] as is_for_all
  from wanted
  join persons on (not is_engaged or channel = 'chat')
    and case when is_unskilled then not skills <@ $9::text[] else skills <@ $7::text[] end
),
ordered as (
  select sought.*, row_number() over (partition by is_engaged, is_for_all order by first.rank, first.id) as nth
  from sought
  left join lateral (
    select rank, id from contact
    where is_for_all
      and centre_id = $1 and state = 'waiting' and need = sought.need and channel = sought.channel
      and (rank, id) >= (sought.rank, sought.id)
      and declined_by = '{}' and (not is_engaged or level not in ('high', 'imminent') and subject_level not in ('high', 'imminent'))
    order by rank, id
    limit 1
  ) as first on true
)
select distinct on (rank, id) heads.*
from (
  select head.*
  from ordered,
  lateral (
    select id, channel, rank, need, level, subject_level, joined_at, since, declined_by
    from contact
    where centre_id = $1 and state = 'waiting' and need = ordered.need and channel = ordered.channel
      and (rank, id) >= (ordered.rank, ordered.id)
      and declined_by = '{}'
      and (not is_engaged or level not in ('high', 'imminent') and subject_level not in ('high', 'imminent'))
      and (not is_unskilled or joined_at <= $4)
    order by rank, id
    limit case when is_for_all then greatest($2 + 1 - nth, 0) else $2 end
  ) as head
  union all
  (
    select id, channel, rank, need, level, subject_level, joined_at, since, declined_by
    from contact
    where centre_id = $1 and state = 'waiting' and declined_by <> '{}'
    order by rank, id
    limit $3
  )
) as heads
order by rank, id
