-- The logins of deploy/compose.yaml, each a member of what its process runs. Passwords come from files: none is in this text or on a
-- command line. Run it after roles.sql, as the owner.
\set QUIET on
SET log_statement = 'none';
SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest(ARRAY[
    'login_api', 'login_trade', 'login_goods', 'login_money']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
GRANT purchase_api TO login_api;
GRANT purchase_orders, purchase_coupons, purchase_users TO login_trade;
GRANT purchase_inventory, purchase_items TO login_goods;
GRANT purchase_payments, purchase_notifications, purchase_audit TO login_money;
\set password `cat "${SECRETS_FOLDER:-/run/secrets}/database_api"`
ALTER ROLE login_api PASSWORD :'password';
\set password `cat "${SECRETS_FOLDER:-/run/secrets}/database_trade"`
ALTER ROLE login_trade PASSWORD :'password';
\set password `cat "${SECRETS_FOLDER:-/run/secrets}/database_goods"`
ALTER ROLE login_goods PASSWORD :'password';
\set password `cat "${SECRETS_FOLDER:-/run/secrets}/database_money"`
ALTER ROLE login_money PASSWORD :'password';
\unset password
