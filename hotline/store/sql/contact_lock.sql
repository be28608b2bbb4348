-- The contact's row is the lock of its whole journey; everything else is read after it is held,
-- in a statement of its own, because a row lock re-reads only the row that it waited for.
select * from contact where id = $1 for update
