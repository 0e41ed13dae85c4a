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
