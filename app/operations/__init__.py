"""What operators run: putting a process together, tenants, imports, verification."""
