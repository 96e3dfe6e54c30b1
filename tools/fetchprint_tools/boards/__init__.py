"""Boards: what ``boards/NAME/board.json`` says, and what is built from it."""
