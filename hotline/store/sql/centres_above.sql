-- The names of a centre and of those above it, the nearest first.
with recursive above as (
  select id, parent_id, name, 0 as height from centre where id = $1
  union all
  select c.id, c.parent_id, c.name, height + 1 from centre as c join above on c.id = above.parent_id
)
select name from above order by height
