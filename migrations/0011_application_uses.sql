-- Who used which application, and when: it stays when what the application was given has ended.

-- One row for each application and employee, and for a service one without an employee.
CREATE TABLE application_uses (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  application_id INTEGER NOT NULL,
  employee_id INTEGER,
  first_used_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  FOREIGN KEY (account_id, employee_id) REFERENCES employees (account_id, id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX application_uses_once
  ON application_uses (account_id, application_id, COALESCE(employee_id, 0));
CREATE INDEX application_uses_application ON application_uses (account_id, application_id, last_used_at);
CREATE INDEX application_uses_employee ON application_uses (account_id, employee_id, last_used_at);

-- Of what has ended already nothing is known.
INSERT INTO application_uses (account_id, application_id, employee_id, first_used_at, last_used_at)
  SELECT account_id, application_id, employee_id, min(created_at), max(last_used_at)
  FROM grants GROUP BY account_id, application_id, employee_id;
