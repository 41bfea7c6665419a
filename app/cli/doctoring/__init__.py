"""What ``offhook doctor`` looks at."""
