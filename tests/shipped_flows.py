"""The flows that Offhook ships: an operator's own stand beside them in ``app/flows``."""

SHIPPED = frozenset({"age_gate", "clinic", "reception", "reminder"})
