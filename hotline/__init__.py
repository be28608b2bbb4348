"""hotline: the open call-centre backend for psychological-assistance lines."""
