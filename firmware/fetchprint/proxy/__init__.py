"""The state machine of device and job."""
