"""Cards of the network's own: sold, accepted, refunded."""
