import unittest

import support
import check_sql


class CheckSql(support.TreeTest):
    def check(self, literal, path="src/scim/a.cpp"):
        self.write(path, f"auto x = {literal};\n")
        return check_sql.check(self.root)

    def test_finds_statements(self):
        for literal in (
            '"SELECT id FROM employees WHERE a = $1"',
            '"SELECT " "id " "FROM employees"',
            'R"(\n  SELECT id,\n    name\n  FROM employees)"',
            '"INSERT INTO employees VALUES (1)"',
            '"UPDATE employees SET a = 1"',
            '"DELETE FROM employees"',
            '"CREATE TABLE a (b)"',
            '"PRAGMA journal_mode"',
        ):
            with self.subTest(literal):
                self.assert_found(self.check(literal), ("src/scim/a.cpp", 1, "SQL text"))

    def test_leaves_prose_alone(self):
        for literal in (
            '"Select the application from the list."',
            '"Update the certificate, then SET the switch."',
            '"DELETE"',
            '"/Users/{id}: PATCH, SELECT"',
        ):
            with self.subTest(literal):
                self.assert_found(self.check(literal))

    def test_knows_where_sql_belongs(self):
        self.assert_found(self.check('"DELETE FROM employees"', path="src/directory/a.cpp"))
        self.assert_found(self.check('"BEGIN IMMEDIATE"', path="src/storage/sqlite/a.cpp"))


if __name__ == "__main__":
    unittest.main()
