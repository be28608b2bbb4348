-- The contacts to be offered, all at once: those that wait no more are left out, and so are those that
-- somebody holds, because a dispatcher never waits for one caller while others could be offered.
select * from contact where id = any($1) and state = 'waiting' order by id for update skip locked
