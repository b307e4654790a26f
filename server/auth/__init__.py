"""Who is asking: passwords, secrets, cookies and the rules around them. Pure: no database, no route."""
