import SQLCore

extension ItemsMigrations {
    /// For PostgreSQL, in the schema `items`, in order.
    public static let postgres: [Migration] = [
        Migration(
            "items/0001_items",
            """
            CREATE SCHEMA IF NOT EXISTS items;

            CREATE TABLE items.items_items (
                id UUID PRIMARY KEY,
                -- What test data finds its items by, so that names need not be unique.
                seed_key TEXT UNIQUE,
                name TEXT NOT NULL CHECK (length(name) > 0),
                description TEXT,
                category_id UUID,
                price BIGINT NOT NULL CHECK (price >= 0),
                is_on_sale BOOLEAN NOT NULL,
                revision BIGINT NOT NULL CHECK (revision >= 1),
                stock BIGINT NOT NULL CHECK (stock >= 0),
                reserved BIGINT NOT NULL DEFAULT 0 CHECK (reserved >= 0),
                sold BIGINT NOT NULL DEFAULT 0 CHECK (sold >= 0),
                restocked BIGINT NOT NULL DEFAULT 0 CHECK (restocked >= 0),
                initial BIGINT NOT NULL CHECK (initial >= 0),
                adjustments BIGINT NOT NULL DEFAULT 0,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                CHECK (stock + reserved + sold - restocked = initial + adjustments)
            );

            CREATE TABLE items.items_saga (
                subject UUID PRIMARY KEY,
                state TEXT NOT NULL CHECK (state IN ('HELD', 'REJECTED', 'RESTORED', 'SOLD', 'TOMB')),
                settled BOOLEAN NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                user_id UUID NOT NULL,
                cause TEXT CHECK (cause IN ('user', 'admin', 'deadline', 'declined', 'refused')),
                -- The order's facts, kept while it can still be asked to be cancelled from here.
                facts TEXT,
                CHECK ((state = 'HELD') = (facts IS NOT NULL)),
                CHECK (state NOT IN ('HELD', 'SOLD') OR cause IS NULL)
            );

            CREATE TABLE items.items_reservations (
                id UUID PRIMARY KEY,
                order_id UUID NOT NULL REFERENCES items_saga (subject),
                item_id UUID NOT NULL REFERENCES items_items (id),
                quantity BIGINT NOT NULL CHECK (quantity > 0),
                created_at BIGINT NOT NULL,
                cancel_requested_at BIGINT,
                cancel_requested_by UUID,
                cancel_reason TEXT,
                UNIQUE (order_id, item_id)
            );

            CREATE INDEX items_reservations_by_item ON items_reservations (item_id, id);

            CREATE TABLE items.items_categories (
                id UUID PRIMARY KEY,
                name TEXT NOT NULL CHECK (length(name) > 0),
                -- The name as it is compared: in lower case.
                name_key TEXT NOT NULL UNIQUE,
                created_at BIGINT NOT NULL
            );

            CREATE INDEX items_items_by_category ON items_items (category_id, id);
            CREATE INDEX items_items_by_sale ON items_items (is_on_sale, id);
            CREATE INDEX items_saga_held ON items_saga (subject) WHERE state = 'HELD';
            """),
        roomPostgres, restockPostgres, referencesPostgres,
    ]
}
