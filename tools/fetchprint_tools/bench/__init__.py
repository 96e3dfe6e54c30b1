"""What ``fetchprint bench`` measures: one module for each part, nothing but figures of this run."""
