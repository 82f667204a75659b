"""The web console: static pages for staff, which read what they show through the GraphQL API."""
