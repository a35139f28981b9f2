"""Files of rules: their groups, rules and labels."""
