"""The product: who people are, what is sold, when, and which room each call gets. Knows neither web nor network."""
