-- What the pages of some help-seekers show, read for all of them at one moment.
select c as contact, coalesce(p.is_connected, false) as is_connected,
       coalesce((select max(m.seq) from message as m
                 where m.contact_id = c.id and m.sender = 'caller' and m.read_at is not null), 0) as read_up_to
from contact as c
left join presence as p on p.id = c.counselor_id and c.state = 'talking'
where c.id = any($1)
