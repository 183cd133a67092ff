"""Every table of the first release; the overlap guards follow from coaching/booking/guard.py."""

from peewee import BlobField, BooleanField, CharField, DateField, ForeignKeyField, IntegerField, Model, TextField

from coaching.db import UtcDateTimeField


def up(migrator, db):
    class Notice(Model):
        key = CharField(unique=True)
        kind = CharField()
        recipient = CharField()
        subject = CharField()
        body = TextField()
        state = CharField(index=True, default="waiting")
        made_at = UtcDateTimeField(index=True)
        due_at = UtcDateTimeField()
        ends_at = UtcDateTimeField(null=True)
        claimed_until = UtcDateTimeField(null=True)
        attempts = IntegerField(default=0)
        last_error = CharField(null=True)
        sent_at = UtcDateTimeField(null=True)

        class Meta:
            database = db
            table_name = "notice"

    db.create_tables([Notice])

    class Person(Model):
        email_key = CharField(unique=True, null=True)
        email = CharField(null=True)
        email_verified_at = UtcDateTimeField(null=True)
        password_hash = CharField(null=True)
        name = CharField()
        zone = CharField(null=True)
        language = CharField(default="en")
        is_admin = BooleanField(default=False)
        created_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "person"

    db.create_tables([Person])

    class SignIn(Model):
        token_sha256 = CharField(unique=True)
        person = ForeignKeyField(Person, on_delete="CASCADE")
        made_at = UtcDateTimeField()
        seen_at = UtcDateTimeField()
        proved_at = UtcDateTimeField()
        ends_at = UtcDateTimeField()
        browser = CharField(default="")

        class Meta:
            database = db
            table_name = "sign_in"

    db.create_tables([SignIn])

    class MailLink(Model):
        token_sha256 = CharField(unique=True)
        person = ForeignKeyField(Person, on_delete="CASCADE")
        purpose = CharField()
        email = CharField()
        made_at = UtcDateTimeField()
        ends_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "mail_link"

    db.create_tables([MailLink])

    class DiscordLink(Model):
        person = ForeignKeyField(Person, unique=True, on_delete="CASCADE")
        discord_user_id = CharField(unique=True)
        username = CharField()
        avatar = CharField(null=True)
        linked_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "discord_link"

    db.create_tables([DiscordLink])

    class GuildMember(Model):
        link = ForeignKeyField(DiscordLink, on_delete="CASCADE")
        discord_guild_id = CharField()
        state = CharField(default="unknown")
        checked_at = UtcDateTimeField(null=True)

        class Meta:
            database = db
            table_name = "guild_member"
            indexes = ((("link", "discord_guild_id"), True),)

    db.create_tables([GuildMember])

    class ParkedForm(Model):
        key_sha256 = CharField()
        person = ForeignKeyField(Person, null=True, on_delete="CASCADE")
        address = TextField()
        fields = TextField()
        expires_at = UtcDateTimeField(index=True)

        class Meta:
            database = db
            table_name = "parked_form"
            indexes = ((("key_sha256", "address"), True),)

    db.create_tables([ParkedForm])

    class FormKey(Model):
        person = ForeignKeyField(Person, on_delete="CASCADE")
        key = CharField()
        result = CharField()
        made_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "form_key"
            indexes = ((("person", "key"), True),)

    db.create_tables([FormKey])

    class SecurityEvent(Model):
        at = UtcDateTimeField(index=True)
        person = ForeignKeyField(Person, null=True, on_delete="SET NULL")
        kind = CharField()
        detail = CharField(default="")
        address = CharField(default="")

        class Meta:
            database = db
            table_name = "security_event"

    db.create_tables([SecurityEvent])

    class Schedule(Model):
        code = CharField(unique=True)
        coach = ForeignKeyField(Person, on_delete="CASCADE")
        name = CharField()
        zone = CharField()
        created_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "schedule"

    db.create_tables([Schedule])

    class WeeklySpan(Model):
        schedule = ForeignKeyField(Schedule, on_delete="CASCADE")
        weekday = IntegerField()
        start_minute = IntegerField()
        length_minutes = IntegerField()

        class Meta:
            database = db
            table_name = "weekly_span"

    db.create_tables([WeeklySpan])

    class DateOverride(Model):
        schedule = ForeignKeyField(Schedule, on_delete="CASCADE")
        day_on = DateField()
        spans = TextField(default="[]")

        class Meta:
            database = db
            table_name = "date_override"
            indexes = ((("schedule", "day_on"), True),)

    db.create_tables([DateOverride])

    class TimeOff(Model):
        coach = ForeignKeyField(Person, on_delete="CASCADE")
        starts_at = UtcDateTimeField()
        ends_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "time_off"

    db.create_tables([TimeOff])

    class Guild(Model):
        discord_guild_id = CharField(unique=True)
        name = CharField(default="")
        seen_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "guild"

    db.create_tables([Guild])

    class Store(Model):
        owner = ForeignKeyField(Person, on_delete="RESTRICT")
        slug = CharField(unique=True)
        name = CharField()
        currency = CharField()
        zone = CharField()
        hue = IntegerField(default=10)
        guild = ForeignKeyField(Guild, null=True, on_delete="SET NULL")
        guild_proved_at = UtcDateTimeField(null=True)
        guild_recheck_at = UtcDateTimeField(null=True)
        guild_asked_at = UtcDateTimeField(null=True)
        guild_approved_at = UtcDateTimeField(null=True)
        access_mode = CharField(default="members")
        created_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "store"

    db.create_tables([Store])

    class Picture(Model):
        code = CharField(unique=True)
        owner = ForeignKeyField(Person, on_delete="CASCADE")
        sha256 = CharField()
        width = IntegerField()
        height = IntegerField()
        webp = BlobField()
        made_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "picture"
            indexes = ((("owner", "sha256"), True),)

    db.create_tables([Picture])

    class Product(Model):
        code = CharField(unique=True)
        store = ForeignKeyField(Store, on_delete="RESTRICT")
        slug = CharField()
        state = CharField(default="draft")
        title = CharField(default="")
        description = TextField(default="")
        description_html = TextField(default="")
        picture = ForeignKeyField(Picture, null=True, on_delete="SET NULL")
        display_style = CharField(default="cover")
        session_type = CharField(default="video")
        schedule = ForeignKeyField(Schedule, null=True, on_delete="RESTRICT")
        notice_minutes = IntegerField(default=720)
        horizon_days = IntegerField(default=60)
        buffer_before_minutes = IntegerField(default=0)
        buffer_after_minutes = IntegerField(default=0)
        grid_minutes = IntegerField(default=15)
        daily_cap = IntegerField(null=True)
        make_minutes = IntegerField(default=30)
        open_minutes = IntegerField(default=15)
        close_minutes = IntegerField(default=15)
        remove_minutes = IntegerField(default=60)
        payment = CharField(default="free")
        pay_text = TextField(default="")
        created_at = UtcDateTimeField()
        updated_at = UtcDateTimeField()
        published_at = UtcDateTimeField(null=True)

        class Meta:
            database = db
            table_name = "product"
            indexes = ((("store", "slug"), True),)

    db.create_tables([Product])

    class Offer(Model):
        product = ForeignKeyField(Product, on_delete="CASCADE")
        minutes = IntegerField()
        price_cents = IntegerField()
        position = IntegerField(default=0)
        is_retired = BooleanField(default=False)

        class Meta:
            database = db
            table_name = "offer"

    db.create_tables([Offer])

    class Question(Model):
        product = ForeignKeyField(Product, on_delete="CASCADE")
        kind = CharField(default="text")
        label = CharField()
        choices = TextField(default="")
        is_required = BooleanField(default=False)
        position = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "question"

    db.create_tables([Question])

    class CoachingSession(Model):
        code = CharField(unique=True)
        product = ForeignKeyField(Product, on_delete="RESTRICT")
        coach = ForeignKeyField(Person, on_delete="RESTRICT")
        title = CharField()
        session_type = CharField()
        minutes = IntegerField()
        starts_at = UtcDateTimeField()
        ends_at = UtcDateTimeField()
        busy_from = UtcDateTimeField()
        busy_until = UtcDateTimeField()
        zone = CharField()
        state = CharField(default="scheduled")
        held_until = UtcDateTimeField(null=True)
        revision = IntegerField(default=0)
        created_at = UtcDateTimeField()
        ended_by = CharField(null=True)
        ended_at = UtcDateTimeField(null=True)

        class Meta:
            database = db
            table_name = "coaching_session"
            indexes = ((("coach", "busy_until"), False), (("state", "starts_at"), False))

    db.create_tables([CoachingSession])

    class Seat(Model):
        coaching_session = ForeignKeyField(CoachingSession, on_delete="CASCADE")
        student = ForeignKeyField(Person, on_delete="RESTRICT")
        starts_at = UtcDateTimeField()
        ends_at = UtcDateTimeField()
        is_live = BooleanField(default=True)
        price_cents = IntegerField()
        currency = CharField()
        payment = CharField(default="free")
        pay_text = TextField(default="")
        paid_at = UtcDateTimeField(null=True)
        goals = TextField(default="")
        phone = CharField(null=True)

        class Meta:
            database = db
            table_name = "seat"
            indexes = ((("student", "ends_at"), False),)

    db.create_tables([Seat])

    class Answer(Model):
        seat = ForeignKeyField(Seat, on_delete="CASCADE")
        label = CharField()
        kind = CharField()
        text = TextField()
        position = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "answer"

    db.create_tables([Answer])

    class SessionEvent(Model):
        coaching_session = ForeignKeyField(CoachingSession, on_delete="CASCADE")
        person = ForeignKeyField(Person, null=True, on_delete="SET NULL")
        what = CharField()
        at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "session_event"

    db.create_tables([SessionEvent])

    class Room(Model):
        coaching_session = ForeignKeyField(CoachingSession, unique=True, on_delete="RESTRICT")
        code = CharField(unique=True)
        mode = CharField(default="members")
        state = CharField(default="absent")
        thresholds = CharField(default="")
        version = IntegerField(default=0)
        claimed_until = UtcDateTimeField(null=True)
        discord_guild_id = CharField()
        discord_channel_id = CharField(null=True)
        overwrites = TextField(default="[]")
        greeting_message_id = CharField(null=True)
        intended_at = UtcDateTimeField(null=True)
        looked_at = UtcDateTimeField(null=True)
        made_at = UtcDateTimeField(null=True)
        granted_at = UtcDateTimeField(null=True)
        checked_at = UtcDateTimeField(null=True)
        failing_step = CharField(null=True)
        attempts = IntegerField(default=0)
        last_error = TextField(null=True)
        next_try_at = UtcDateTimeField(null=True)
        created_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "room"
            indexes = ((("state",), False),)

    db.create_tables([Room])

    class RoomEvent(Model):
        room = ForeignKeyField(Room, on_delete="CASCADE")
        at = UtcDateTimeField()
        what = CharField()
        why = CharField(default="")
        status = IntegerField(null=True)
        discord_code = IntegerField(null=True)
        took_ms = IntegerField(null=True)

        class Meta:
            database = db
            table_name = "room_event"

    db.create_tables([RoomEvent])

    class Lane(Model):
        name = CharField(unique=True)
        stopped_reason = CharField(null=True)
        until = UtcDateTimeField(null=True)
        sweep_due_at = UtcDateTimeField(null=True)

        class Meta:
            database = db
            table_name = "lane"

    db.create_tables([Lane])

    class Run(Model):
        minute = UtcDateTimeField(unique=True)
        started_at = UtcDateTimeField()
        due = IntegerField(default=0)
        done = IntegerField(default=0)
        failed = IntegerField(default=0)
        took_ms = IntegerField(null=True)

        class Meta:
            database = db
            table_name = "run"

    db.create_tables([Run])

    class Heartbeat(Model):
        name = CharField(unique=True)
        at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "heartbeat"

    db.create_tables([Heartbeat])

    class Turn(Model):
        name = CharField(unique=True)
        claimed_until = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "turn"

    db.create_tables([Turn])

    class Clock(Model):
        offset_seconds = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "clock"

    db.create_tables([Clock])

    class Examination(Model):
        store = ForeignKeyField(Store, unique=True, null=True, on_delete="CASCADE")
        at = UtcDateTimeField()
        checks = TextField()

        class Meta:
            database = db
            table_name = "examination"

    db.create_tables([Examination])

    class TrialRoom(Model):
        code = CharField(unique=True)
        discord_guild_id = CharField()
        discord_channel_id = CharField(null=True)
        intended_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "trial_room"

    db.create_tables([TrialRoom])
