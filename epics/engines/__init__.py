"""How the engines are reached that sessions and shared states may be kept in: by their own clients, which are extras."""
