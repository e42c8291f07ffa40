"""What a rendered file says of numbers is what `results/numbers.json` has."""
