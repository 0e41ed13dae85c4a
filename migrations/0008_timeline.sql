-- "Why can this person not sign in?": the attempts and the changes that are about one employee, or about nobody known.

CREATE INDEX sign_in_attempts_employee ON sign_in_attempts (account_id, employee, id);
CREATE INDEX audit_target ON audit (account_id, target, id);
CREATE INDEX deleted_employees_id ON deleted_employees (account_id, id);
