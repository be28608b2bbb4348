-- The centres in which somebody waits, by a walk from one to the next over the index: as quick with a
-- hundred thousand waiting as with ten.
with recursive centres as (
  (select centre_id from contact where state = 'waiting' order by centre_id limit 1)
  union all
  select next.centre_id
  from centres,
  lateral (
    select centre_id from contact where state = 'waiting' and centre_id > centres.centre_id
    order by centre_id limit 1
  ) as next
)
select centre_id from centres
