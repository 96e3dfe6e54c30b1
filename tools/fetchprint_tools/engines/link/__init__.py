"""The framed link's engine side: a reference that vendors port, and an emulated engine around it."""
