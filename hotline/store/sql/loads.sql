-- What each counselor holds at this moment, counted from the contacts themselves.
select counselor_id,
       count(*) filter (where state = 'offered') as offered,
       count(*) filter (where state = 'connecting') as connecting,
       count(*) filter (where state = 'talking' and channel = 'voice') as voice_talking,
       count(*) filter (where state = 'talking' and channel = 'chat') as chats_talking,
       count(*) filter (where state = 'wrapping') as wrapping,
       count(*) filter (where level in ('high', 'imminent') or subject_level in ('high', 'imminent')) as grave,
       max(since) as since,
       array_agg(chat_slot) filter (where chat_slot is not null) as chat_slots
from contact
where counselor_id = any($1)
group by counselor_id
