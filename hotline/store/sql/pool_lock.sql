-- One dispatcher per centre at a time, over all nodes; whoever finds it taken has nothing to do.
select pg_try_advisory_xact_lock(hashtextextended('dispatch:' || $1::text, 0))
