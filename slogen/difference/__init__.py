"""What a change of specs means: two plans compared, not two texts."""
