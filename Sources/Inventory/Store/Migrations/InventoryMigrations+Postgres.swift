import SQLCore

extension InventoryMigrations {
    /// For PostgreSQL, in the schema `inventory`, in order.
    public static let postgres: [Migration] = [
        Migration(
            "inventory/0001_goods_and_slots",
            """
            CREATE SCHEMA IF NOT EXISTS inventory;

            CREATE TABLE inventory.inventory_accounts (
                user_id UUID NOT NULL PRIMARY KEY,
                occupied BIGINT NOT NULL CHECK (occupied >= 0),
                capacity BIGINT NOT NULL CHECK (occupied <= capacity)
            );

            CREATE TABLE inventory.inventory_goods (
                user_id UUID NOT NULL REFERENCES inventory_accounts (user_id),
                item_id UUID NOT NULL,
                name TEXT NOT NULL,
                quantity BIGINT NOT NULL CHECK (quantity >= 0),
                reserved BIGINT NOT NULL CHECK (reserved >= 0),
                PRIMARY KEY (user_id, item_id),
                CHECK (quantity + reserved BETWEEN 1 AND 9007199254740991)
            );

            CREATE TABLE inventory.inventory_saga (
                subject UUID NOT NULL PRIMARY KEY,
                state TEXT NOT NULL CHECK (state IN ('HELD', 'REJECTED', 'RELEASED', 'GRANTED', 'TOMB')),
                settled BOOLEAN NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                user_id UUID NOT NULL,
                CHECK (NOT (settled AND state = 'HELD'))
            );

            CREATE TABLE inventory.inventory_holds (
                order_id UUID NOT NULL REFERENCES inventory_saga (subject),
                item_id UUID NOT NULL,
                user_id UUID NOT NULL,
                quantity BIGINT NOT NULL CHECK (quantity > 0),
                PRIMARY KEY (order_id, item_id)
            );
            """),
        roomPostgres, returnsPostgres, referencesPostgres,
    ]
}
