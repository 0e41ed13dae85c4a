-- Who stands in for whom in a test account: whoever loses rights in the account that it tests for (`stands_for` is the
-- public id of the administrator there) loses access to the test account too.

CREATE TABLE test_administrators (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  employee_id INTEGER NOT NULL,
  stands_for TEXT NOT NULL,
  FOREIGN KEY (account_id, employee_id) REFERENCES employees (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX test_administrators_employee ON test_administrators (account_id, employee_id);
CREATE UNIQUE INDEX test_administrators_stands_for ON test_administrators (account_id, stands_for);

-- What the charts show, counted as it happens. `day`: days since 1970, in UTC.
CREATE TABLE daily_counts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  day INTEGER NOT NULL,
  signed_in INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0,
  provisioned INTEGER NOT NULL DEFAULT 0,
  provisioning_failed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX daily_counts_day ON daily_counts (account_id, day);
INSERT INTO daily_counts (account_id, day, signed_in, refused, provisioned, provisioning_failed)
  SELECT c.account_id, c.day, sum(c.signed_in), sum(c.refused), sum(c.provisioned), sum(c.provisioning_failed)
  FROM (
    SELECT account_id, at / 86400000 AS day, CASE WHEN outcome = 'success' THEN 1 ELSE 0 END AS signed_in,
      CASE WHEN outcome = 'refused' THEN 1 ELSE 0 END AS refused, 0 AS provisioned, 0 AS provisioning_failed
    FROM sign_in_attempts
    UNION ALL
    SELECT account_id, at / 86400000 AS day, 0 AS signed_in, 0 AS refused,
      CASE WHEN outcome = 'changed' THEN 1 ELSE 0 END AS provisioned,
      CASE WHEN outcome = 'failed' THEN 1 ELSE 0 END AS provisioning_failed
    FROM provisioning_log
  ) AS c
  GROUP BY c.account_id, c.day;
