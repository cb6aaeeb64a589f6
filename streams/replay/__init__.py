"""Taking the topics back in time: archives, replays, what-if, comparison and export."""
