"""What ``offhook init`` asks, makes and writes."""
