"""The kinds of steps, as data: what each gives as commands, and which exit a report takes it to."""
