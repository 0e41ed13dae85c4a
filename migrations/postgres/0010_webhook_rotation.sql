-- A webhook's secret can change without a message that its receiver cannot check: for a while both sign.

ALTER TABLE webhooks ADD COLUMN sealed_old_secret BYTEA;
ALTER TABLE webhooks ADD COLUMN old_secret_until BIGINT;
