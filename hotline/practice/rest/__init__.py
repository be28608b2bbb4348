"""The REST API: the part of Twilio's that the product uses, and as strict as it can be made."""

from hotline.practice.rest.door import api

__all__ = ["api"]
