"""The REST API: the part of Twilio's that the product uses, as strict as it can be made."""
