"""Tables and columns bear the names that the code has for what is in them."""


def up(migrator, db):
    migrator.migrate(
        migrator.rename_table("parked_form", "saved_form"),
        migrator.rename_table("turn", "lease"),
        migrator.rename_table("trial_room", "probe_room"),
        migrator.rename_table("examination", "diagnosis"),
        migrator.rename_column("sign_in", "proved_at", "verified_at"),
        migrator.rename_column("store", "guild_proved_at", "guild_verified_at"),
        migrator.rename_column("rate_count", "is_told", "was_refused"),
        migrator.rename_column("feed", "told_at", "notified_at"),
        migrator.rename_column("notice", "doubtful_at", "unsure_at"),
    )
    for old, new in (("guild_proved", "guild_verified"), ("guild_proof_lost", "guild_verification_lost")):
        db.execute_sql(f"UPDATE security_event SET kind = {db.param} WHERE kind = {db.param}", (new, old))
    for table in ("diagnosis", "forecast"):
        db.execute_sql(f"UPDATE {table} SET checks = REPLACE(checks, 'is_mended_by_inviting', 'is_fixed_by_inviting')")
