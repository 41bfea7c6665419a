"""What a server does besides calls: keeps what callers said, and forgets what is due."""
