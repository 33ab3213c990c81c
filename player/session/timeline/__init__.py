"""Time: the frame, the range, in and out points, marks, and the playback state machine."""
