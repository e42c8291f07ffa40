"""What is printed: claims, the numbers each may stand for, and what is found out about them."""
