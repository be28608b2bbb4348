-- The head of every distinct need that is within reach of those who are free, in the order of the queue: a
-- counselor with few skills never wades through the contacts of others. A recursive walk over the index finds
-- the needs, LATERAL the first few of each; both stay flat however many wait. What is beyond reach is not read:
-- a language that none of them speaks, a skill that none of them has. Not everybody can have whoever stands
-- first: a person with a chat in hand takes no grave one, and one without the skills only whoever has waited so
-- long that they are waived. So the first few are found for each kind of person that there is. Contacts that
-- somebody has declined are added apart.
with recursive needs as (
  (select need, channel from contact where centre_id = $1 and state = 'waiting'
   order by need, channel limit 1)
  union all
  select next.need, next.channel
  from needs,
  lateral (
    select need, channel from contact
    where centre_id = $1 and state = 'waiting' and (need, channel) > (needs.need, needs.channel)
    order by need, channel limit 1
  ) as next
),
wanted as (
  select need, channel, string_to_array(need, '|') as words from needs
),
persons (is_engaged, is_unskilled) as (
  select is_engaged, is_unskilled
  from unnest($6::boolean[]) as is_engaged, (values (false), (true)) as skill (is_unskilled)
)
select distinct on (rank, id) heads.*
from (
  select head.* from wanted
  join persons on (not is_engaged or channel = 'chat')
    and case when is_unskilled then not words[2:] <@ $8::text[] else words[2:] <@ $7::text[] end,
  lateral (
    select id, channel, rank, need, level, joined_at, since, declined_by
    from contact
    where centre_id = $1 and state = 'waiting' and need = wanted.need and channel = wanted.channel
      and declined_by = '{}'
      and (not is_engaged or level not in ('high', 'imminent'))
      and (not is_unskilled or joined_at <= $4)
    order by rank, id
    limit $2
  ) as head
  where words[1] = any($5::text[])
  union all
  (
    select id, channel, rank, need, level, joined_at, since, declined_by
    from contact
    where centre_id = $1 and state = 'waiting' and declined_by <> '{}'
    order by rank, id
    limit $3
  )
) as heads
order by rank, id
