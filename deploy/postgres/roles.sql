-- Roles with no more rights than a process needs. Run it as the role that owns the schemas and may make roles, after
-- `purchase migrate`; again does no harm. What later migrations make is covered, if the same role runs them.
--
--     psql -v ON_ERROR_STOP=1 -d purchase -f deploy/postgres/roles.sql
--
-- A role for each service, one for the API, one that only reads (verify, explain). None of them can log in: a process logs in as a
-- role of its own that is a member of what it runs, such as
--
--     CREATE ROLE worker_1 LOGIN IN ROLE purchase_orders, purchase_payments;
--     \password worker_1
--
-- What stays shared: outbox, inbox, retries and parked messages are tables of the schema saga that every service uses.
\set QUIET on
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I NOLOGIN', name) FROM unnest(ARRAY[
    'purchase_engine', 'purchase_orders', 'purchase_coupons', 'purchase_users', 'purchase_inventory', 'purchase_items',
    'purchase_payments', 'purchase_notifications', 'purchase_audit', 'purchase_api', 'purchase_reader']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO purchase_engine, purchase_reader;

-- What every service needs of the engine. The audit trail is only added to.
GRANT USAGE ON SCHEMA public, saga TO purchase_engine;
GRANT SELECT ON public.schema_migrations, saga.saga_homes TO purchase_engine;
GRANT SELECT, INSERT ON saga.saga_outbox TO purchase_engine;
GRANT SELECT ON saga.saga_outbox_heads TO purchase_engine;
GRANT EXECUTE ON FUNCTION saga.saga_outbox_of TO purchase_engine, purchase_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON saga.saga_outbox_bundles, saga.saga_positions, saga.saga_inbox, saga.saga_retries,
    saga.saga_parked, saga.saga_leases, saga.saga_relays, saga.saga_services TO purchase_engine;
GRANT SELECT, INSERT, UPDATE ON saga.saga_operations, saga.saga_operation_items TO purchase_engine;
GRANT INSERT ON saga.saga_audit TO purchase_engine;
GRANT purchase_engine TO purchase_orders, purchase_coupons, purchase_users, purchase_inventory, purchase_items,
    purchase_payments, purchase_notifications, purchase_audit, purchase_api;

-- Each service: the rows of its own schema, and nothing else of anybody's.
SELECT format(statement, service, role) FROM unnest(ARRAY[
    'orders', 'coupons', 'users', 'inventory', 'items', 'payments', 'notifications']) AS service
CROSS JOIN LATERAL unnest(ARRAY['purchase_' || service, 'purchase_api']) AS role
CROSS JOIN unnest(ARRAY[
    'GRANT USAGE ON SCHEMA %1$I TO %2$I',
    'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %1$I TO %2$I',
    'GRANT USAGE ON ALL SEQUENCES IN SCHEMA %1$I TO %2$I',
    'ALTER DEFAULT PRIVILEGES IN SCHEMA %1$I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %2$I',
    'ALTER DEFAULT PRIVILEGES IN SCHEMA %1$I GRANT USAGE ON SEQUENCES TO %2$I']) AS statement \gexec

-- The audit trail: Audit keeps it, and takes what services wrote for it; the API only looks at both.
GRANT SELECT, DELETE ON saga.saga_audit TO purchase_audit;
GRANT SELECT ON saga.saga_audit TO purchase_api;
GRANT USAGE ON SCHEMA audit TO purchase_audit, purchase_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA audit TO purchase_audit;
ALTER DEFAULT PRIVILEGES IN SCHEMA audit GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO purchase_audit;
GRANT SELECT ON ALL TABLES IN SCHEMA audit TO purchase_api;
ALTER DEFAULT PRIVILEGES IN SCHEMA audit GRANT SELECT ON TABLES TO purchase_api;

-- One exception: a coupon for everybody is issued by going through the list of active users.
GRANT USAGE ON SCHEMA users TO purchase_coupons;
GRANT SELECT (id, is_active, created_at) ON users.users_users TO purchase_coupons;

-- Whoever only looks: verify, explain.
SELECT format(statement, schema) FROM unnest(ARRAY[
    'public', 'saga', 'orders', 'coupons', 'users', 'inventory', 'items', 'payments', 'notifications', 'audit']) AS schema
CROSS JOIN unnest(ARRAY[
    'GRANT USAGE ON SCHEMA %1$I TO purchase_reader',
    'GRANT SELECT ON ALL TABLES IN SCHEMA %1$I TO purchase_reader',
    'ALTER DEFAULT PRIVILEGES IN SCHEMA %1$I GRANT SELECT ON TABLES TO purchase_reader']) AS statement \gexec
