-- The head of every distinct need: a counselor with few skills never wades through the contacts of
-- others. A recursive walk over the index finds the needs, LATERAL the first few of each; both stay
-- flat however many wait. Contacts that somebody has declined are added apart, so that one whom nobody
-- free may have now never hides those behind it.
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
)
select head.* from needs,
lateral (
  select id, channel, rank, need, level, joined_at, since, declined_by
  from contact
  where centre_id = $1 and state = 'waiting' and need = needs.need and channel = needs.channel
    and declined_by = '{}'
  order by rank, id
  limit $2
) as head
union all
(
  select id, channel, rank, need, level, joined_at, since, declined_by
  from contact
  where centre_id = $1 and state = 'waiting' and declined_by <> '{}'
  order by rank, id
  limit $3
)
