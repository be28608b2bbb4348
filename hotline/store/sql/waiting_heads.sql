-- The head of every distinct need: a counselor with few skills never wades through the contacts of
-- others. A recursive walk over the index finds the needs, LATERAL the first few of each; both stay
-- flat however many wait. Not everybody can have whoever stands first: a person with a chat in hand takes
-- no grave one, and one without the skills only whoever has waited so long that they are waived. So the
-- first few are found for each kind of person. Contacts that somebody has declined are added apart.
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
persons (is_engaged, is_unskilled) as (
  values (false, false), (true, false), (false, true), (true, true)
)
select head.* from needs
join persons on (not is_engaged or needs.channel = 'chat') and (not is_unskilled or needs.need like '%|%'),
lateral (
  select id, channel, rank, need, level, joined_at, since, declined_by
  from contact
  where centre_id = $1 and state = 'waiting' and need = needs.need and channel = needs.channel
    and declined_by = '{}'
    and (not is_engaged or level not in ('high', 'imminent'))
    and (not is_unskilled or joined_at <= $4)
  order by rank, id
  limit $2
) as head
union
(
  select id, channel, rank, need, level, joined_at, since, declined_by
  from contact
  where centre_id = $1 and state = 'waiting' and declined_by <> '{}'
  order by rank, id
  limit $3
)
