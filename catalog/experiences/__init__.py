"""Experiences: seats on slots, booked, cancelled, delivered."""
